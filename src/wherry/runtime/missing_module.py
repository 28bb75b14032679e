"""What to tell the author of a component that imports a package it did not ask for."""

from __future__ import annotations

from collections.abc import Sequence

#: Import name to the name on the package index, where the two differ and many meet it.
DISTRIBUTIONS = {
    "attr": "attrs",
    "bs4": "beautifulsoup4",
    "cv2": "opencv-python-headless",
    "dateutil": "python-dateutil",
    "dotenv": "python-dotenv",
    "git": "GitPython",
    "google.cloud.aiplatform": "google-cloud-aiplatform",
    "google.cloud.bigquery": "google-cloud-bigquery",
    "google.cloud.storage": "google-cloud-storage",
    "google.protobuf": "protobuf",
    "imblearn": "imbalanced-learn",
    "jwt": "PyJWT",
    "kfp.kubernetes": "kfp-kubernetes",
    "PIL": "pillow",
    "psycopg2": "psycopg2-binary",
    "serial": "pyserial",
    "skimage": "scikit-image",
    "sklearn": "scikit-learn",
    "yaml": "PyYAML",
}


def explain_missing_module(error: ModuleNotFoundError, *, component: str, image: str, packages: Sequence[str]) -> str:
    """Say which component lacks which module, what its environment holds, and what to change.

    Args:
        error: What the import raised.
        component: Name of the component.
        image: Its image, as its author wrote it.
        packages: Its ``packages_to_install``.

    Returns:
        Two or three sentences, without a line break.
    """
    if not error.name:  # raised by the stand-ins for kfp, which say all there is to say
        return f"Component {component!r}: {error}"
    held = ", ".join(repr(package) for package in packages) or "nothing"
    asked = f"image {image!r} with packages_to_install: {held}"
    return (
        f"Component {component!r} imports {error.name!r}, which its environment does not have ({asked}). "
        f"Add {_distribution(error.name)!r} to packages_to_install of the component, or use an image that has it."
    )


def _distribution(module: str) -> str:
    parts = module.split(".")
    for length in range(len(parts), 0, -1):
        known = DISTRIBUTIONS.get(".".join(parts[:length]))
        if known:
            return known
    return parts[0]
