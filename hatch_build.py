"""What a wheel must carry beside the Python: the built web interface, which is not in the repository."""

import os
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

WITHOUT = "WHERRY_BUILD_WITHOUT_WEB"


class CustomBuildHook(BuildHookInterface[Any]):
    """Refuses to make a wheel that would show an empty page."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002  hatchling's signature
        """Look before anything is packed. An editable install runs without: the server then says so on a plain page."""
        index = Path(self.root, "src", "wherry", "server", "static", "index.html")
        if version != "editable" and not index.is_file() and not os.environ.get(WITHOUT):  # noqa: TID251  no settings yet
            raise FileNotFoundError(
                f"the web interface is not built: {index} is missing. `make web` builds it; "
                f"{WITHOUT}=1 makes a wheel whose server has a plain page instead."
            )
