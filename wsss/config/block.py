"""What every block of params.yaml is made of: types of values, and the refusal of unknown keys."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Self, TypeVar, Union

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator
from pydantic.fields import FieldInfo

from wsss.config.choices import Choice

Positive = Annotated[float, Field(gt=0)]
Rate = Annotated[float, Field(ge=0, lt=1)]
Share = Annotated[float, Field(ge=0, le=1)]
NotNegative = Annotated[float, Field(ge=0)]
Count = Annotated[int, Field(ge=1)]
Whole = Annotated[int, Field(ge=0)]
Scales = Annotated[  # a variant of a single scale reads as a number
    list[Positive], Field(min_length=1), BeforeValidator(lambda value: value if isinstance(value, list) else [value])
]
Range = Annotated[list[Positive], Field(min_length=2, max_length=2)]

Value = TypeVar("Value")
if TYPE_CHECKING:
    WhereUsed = Union[Value]  # noqa: UP007
else:

    class WhereUsed:
        """`WhereUsed[T]`: a value that another parameter may leave without effect, and None there.

        Whoever reads it does so where it has an effect, and the blocks see to it that it is not None there. So it is a
        T for the type checker.
        """

        def __class_getitem__(cls, item: object) -> object:
            return item | None


NOT_GIVEN: Any = None  # the default of such a key


class Block(BaseModel):
    """A block of parameters that refuses keys it does not know."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False, serialize_by_alias=True)


def fields_of(model: type[BaseModel]) -> dict[str, FieldInfo]:
    """Return the fields of a block by their keys in params.yaml."""
    return {field.alias or name: field for name, field in model.model_fields.items()}


class ChoosingBlock(Block):
    """A block in which a choice says which other keys are read: None where they are not, a value where they are."""

    chooses: ClassVar[tuple[str, Mapping[str, Choice]]]  # the key of the choice, and its table

    @model_validator(mode="before")
    @classmethod
    def _forget_what_is_not_read(cls, keys: object) -> object:
        """Set to None what this choice never reads, so that equal runs have equal parameters."""
        key, table = cls.chooses
        chosen = table.get(str(keys.get(key))) if isinstance(keys, dict) else None
        if not isinstance(keys, dict) or chosen is None:  # the types refuse it
            return keys
        unread = {other for choice in table.values() for other in choice.keys} - set(chosen.keys)
        return {name: None if name in unread else value for name, value in keys.items()}

    @model_validator(mode="after")
    def _have_what_is_read(self) -> Self:
        key, table = self.chooses
        chosen = getattr(self, key)
        for needed in table[chosen].keys if chosen is not None else ():
            if getattr(self, needed) is None:
                raise ValueError(f"{needed} is null, but {key} {chosen!r} needs it")
        return self


class SourcedBlock(Block):
    """A block whose product is made, as its other keys say, or read from another method's folder, which `from` names.

    Where it is read, all other keys are None.
    """

    needs: ClassVar[tuple[str, ...]]  # the keys that must be there where it is made

    source: str | None = Field(None, alias="from")  # a name under `foreign`

    @model_validator(mode="before")
    @classmethod
    def _forget_how_it_is_made(cls, keys: object) -> object:
        """Keep `from` alone, so that equal runs have equal parameters."""
        if not isinstance(keys, dict) or keys.get("from") is None:
            return keys
        return {name: value if name == "from" else None for name, value in keys.items()}

    @model_validator(mode="after")
    def _have_how_it_is_made(self) -> Self:
        if self.source is None and (missing := [key for key in self.needs if getattr(self, key) is None]):
            raise ValueError(f"{', '.join(missing)} missing; set it in params.yaml")
        return self
