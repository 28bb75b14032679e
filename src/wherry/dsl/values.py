"""Frozen values that cost nothing to define.

``dataclasses`` compiles an ``__init__``, ``__eq__`` and ``__hash__`` for every class when it is defined: for the classes
of the graph alone that is more than half the time of ``import wherry.dsl``. Type checkers see the same as with
``@dataclass(frozen=True)``.
"""

from __future__ import annotations

from typing import Any, ClassVar, Self, dataclass_transform


@dataclass_transform(frozen_default=True)
class Value:
    """Base of a value: annotated names are fields, assigned ones have that default. Equal if all fields are."""

    __match_args__: ClassVar[tuple[str, ...]] = ()
    _defaults: ClassVar[dict[str, Any]] = {}

    def __init_subclass__(cls) -> None:
        fields = tuple(name for name in cls.__annotations__ if not name.startswith("_"))
        cls.__match_args__ = fields  # type: ignore[misc]  # mypy has made them from the annotations already
        cls._defaults = {name: vars(cls)[name] for name in fields if name in vars(cls)}

    def __init__(self, *args: Any, **given: Any) -> None:
        fields = self.__match_args__
        values = vars(self)
        values |= self._defaults
        values.update(zip(fields, args, strict=False))
        values |= given
        if len(values) != len(fields) or len(args) > len(fields):
            raise TypeError(f"{type(self).__name__} takes {', '.join(fields)}; got {', '.join(values)}.")

    def changed(self, **changes: Any) -> Self:
        """A copy with other values for some fields."""
        return type(self)(**{**vars(self), **changes})

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and vars(self) == vars(other)

    def __hash__(self) -> int:
        values = vars(self)
        return hash((type(self), *(values[name] for name in self.__match_args__)))

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"{type(self).__name__} is frozen; '{name}' cannot be set.")

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"{type(self).__name__} is frozen; '{name}' cannot be deleted.")

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in vars(self).items())})"
