"""What every block of params.yaml is made of: types of values, and the refusal of unknown keys."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, TypeVar, Union

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

Positive = Annotated[float, Field(gt=0)]
Rate = Annotated[float, Field(ge=0, lt=1)]
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

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)
