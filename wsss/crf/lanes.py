"""Eight float32 numbers that compiled code works on at once, a `Lanes`: what numba leaves to chance, said outright.

Numba compiles loops over the channels of a pixel, but not always to vector instructions, which is four times slower.
Here is just what the mean field needs, as LLVM's vectors, so that any processor has its own instructions for it.
"""

from __future__ import annotations

from llvmlite import ir
from numba.core import cgutils, types
from numba.extending import intrinsic, models, register_model

WIDTH = 8
_VECTOR = ir.VectorType(ir.FloatType(), WIDTH)
_WHOLE = ir.VectorType(ir.IntType(32), WIDTH)


class _LanesType(types.Type):
    def __init__(self):
        super().__init__(name="Lanes")


_lanes = _LanesType()


@register_model(_LanesType)
class _LanesModel(models.PrimitiveModel):
    def __init__(self, manager, type_):
        super().__init__(manager, type_, _VECTOR)


@intrinsic
def load(typing, array, row, block):
    """Return array[row, block, :] of a (rows, blocks, 8) float32 array. No index is checked."""

    def generate(context, builder, signature, values):
        lanes = builder.load(_address(context, builder, signature.args[0], *values))
        lanes.align = 4
        return lanes

    return _lanes(array, types.intp, types.intp), generate


@intrinsic
def store(typing, array, row, block, lanes):
    """Write lanes to array[row, block, :]. No index is checked."""

    def generate(context, builder, signature, values):
        builder.store(values[3], _address(context, builder, signature.args[0], *values[:3])).align = 4
        return context.get_dummy_value()

    return types.void(array, types.intp, types.intp, _lanes), generate


@intrinsic
def fill(typing, number):
    """Return lanes that all hold `number`."""

    def generate(context, builder, signature, values):
        return _filled(builder, values[0])

    return _lanes(types.float32), generate


@intrinsic
def add(typing, one, other):
    """Return one + other."""

    def generate(context, builder, signature, values):
        return builder.fadd(*values)

    return _lanes(_lanes, _lanes), generate


@intrinsic
def multiply(typing, one, other):
    """Return one · other."""

    def generate(context, builder, signature, values):
        return builder.fmul(*values)

    return _lanes(_lanes, _lanes), generate


@intrinsic
def multiply_add(typing, one, other, third):
    """Return one · other + third, rounded once where the processor can."""

    def generate(context, builder, signature, values):
        product = builder.fmul(*values[:2], flags=("contract",))
        return builder.fadd(product, values[2], flags=("contract",))

    return _lanes(_lanes, _lanes, _lanes), generate


@intrinsic
def larger(typing, one, other):
    """Return the larger of each two."""

    def generate(context, builder, signature, values):
        return builder.select(builder.fcmp_ordered(">", *values), *values)

    return _lanes(_lanes, _lanes), generate


@intrinsic
def largest(typing, lanes):
    """Return the largest of the eight."""

    def generate(context, builder, signature, values):
        return _reduced(builder, values[0], lambda a, b: builder.select(builder.fcmp_ordered(">", a, b), a, b))

    return types.float32(_lanes), generate


@intrinsic
def total(typing, lanes):
    """Return the sum of the eight."""

    def generate(context, builder, signature, values):
        return _reduced(builder, values[0], builder.fadd)

    return types.float32(_lanes), generate


@intrinsic
def rounded(typing, lanes):
    """Return the nearest whole numbers, halves to the even one."""

    def generate(context, builder, signature, values):
        # Added to 1.5·2^23 a float32 has no place left for a fraction.
        shift = _filled(builder, ir.Constant(ir.FloatType(), 1.5 * 2**23))
        return builder.fsub(builder.fadd(values[0], shift), shift)

    return _lanes(_lanes), generate


@intrinsic
def times_power_of_two(typing, lanes, exponents):
    """Return lanes · 2^exponents for whole exponents up to 127; 0 where an exponent lies below -86."""

    def generate(context, builder, signature, values):
        lanes, exponents = values
        whole = builder.fptosi(exponents, _WHOLE)
        bits = builder.shl(builder.add(whole, ir.Constant(_WHOLE, [127] * WIDTH)), ir.Constant(_WHOLE, [23] * WIDTH))
        product = builder.fmul(lanes, builder.bitcast(bits, _VECTOR))
        is_tiny = builder.fcmp_ordered("<", exponents, ir.Constant(_VECTOR, [-86.0] * WIDTH))
        return builder.select(is_tiny, ir.Constant(_VECTOR, [0.0] * WIDTH), product)

    return _lanes(_lanes, _lanes), generate


def _address(context, builder, array_type, array, row, block):
    array = context.make_array(array_type)(context, builder, array)
    blocks = cgutils.unpack_tuple(builder, array.shape, 3)[1]
    first = builder.mul(builder.add(builder.mul(row, blocks), block), ir.Constant(row.type, WIDTH))
    return builder.bitcast(builder.gep(array.data, [first]), _VECTOR.as_pointer())


def _filled(builder, number):
    one = builder.insert_element(ir.Constant(_VECTOR, ir.Undefined), number, ir.Constant(ir.IntType(32), 0))
    return builder.shuffle_vector(one, ir.Constant(_VECTOR, ir.Undefined), ir.Constant(_WHOLE, [0] * WIDTH))


def _reduced(builder, lanes, operation):
    """Fold the lanes upon each other: 8 to 4 to 2 to 1."""
    nothing = ir.Constant(_VECTOR, ir.Undefined)
    for distance in (4, 2, 1):
        moved = ir.Constant(_WHOLE, [(lane + distance) % WIDTH for lane in range(WIDTH)])
        lanes = operation(lanes, builder.shuffle_vector(lanes, nothing, moved))
    return builder.extract_element(lanes, ir.Constant(ir.IntType(32), 0))
