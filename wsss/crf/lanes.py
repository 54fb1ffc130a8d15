"""Eight float32 numbers that compiled code works on at once, a `Lanes`: what numba leaves to chance, said outright.

Numba compiles loops over the channels of a pixel, but not always to vector instructions, which is four times slower.
Here is just what the mean field needs, as LLVM's vectors, so that any processor has its own instructions for it.
"""

from __future__ import annotations

import math
import struct

from llvmlite import ir
from numba.core import cgutils, types
from numba.extending import intrinsic, models, register_model

WIDTH = 8
_VECTOR = ir.VectorType(ir.FloatType(), WIDTH)
_DOUBLES = ir.VectorType(ir.DoubleType(), WIDTH)
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
def load_from(typing, array, row, channel):
    """Return the eight numbers of array[row] from a channel on, where the blocks of a row lie one after the other."""

    def generate(context, builder, signature, values):
        lanes = builder.load(_address(context, builder, signature.args[0], *values[:2], None, values[2]))
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
def divide(typing, one, other):
    """Return one / other."""

    def generate(context, builder, signature, values):
        return builder.fdiv(*values)

    return _lanes(_lanes, _lanes), generate


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
        lanes = values[0]
        for distance in (4, 2, 1):
            moved = _moved(builder, lanes, distance)
            lanes = builder.select(builder.fcmp_ordered(">", lanes, moved), lanes, moved)
        return builder.extract_element(lanes, ir.Constant(ir.IntType(32), 0))

    return types.float32(_lanes), generate


@intrinsic
def halves_added(typing, lanes):
    """Return lanes whose first four are sums: of the first and the fifth, the second and the sixth, and so on."""

    def generate(context, builder, signature, values):
        return builder.fadd(values[0], _moved(builder, values[0], 4))

    return _lanes(_lanes), generate


@intrinsic
def total_of_four(typing, lanes):
    """Return the sum of the first and the third, plus that of the second and the fourth."""

    def generate(context, builder, signature, values):
        pairs = builder.fadd(values[0], _moved(builder, values[0], 2))
        total = builder.fadd(pairs, _moved(builder, pairs, 1))
        return builder.extract_element(total, ir.Constant(ir.IntType(32), 0))

    return types.float32(_lanes), generate


@intrinsic
def chosen(typing, which, one, other):
    """Return one where `which` is not 0, else other."""

    def generate(context, builder, signature, values):
        condition = builder.fcmp_ordered("!=", values[0], ir.Constant(_VECTOR, [0.0] * WIDTH))
        return builder.select(condition, *values[1:])

    return _lanes(_lanes, _lanes, _lanes), generate


@intrinsic
def exponential(typing, lanes):
    """Return e^x for x ≤ 0 by the Cephes library's polynomial, to 1.2e-7 of itself; 0 below e^-60.

    x = n log 2 + r with a whole n, log 2 in two parts, and e^r a polynomial of degree 7.
    """

    def generate(context, builder, signature, values):
        def fill(number):
            return ir.Constant(_VECTOR, [_as_float32(number)] * WIDTH)

        exponents = builder.fadd(builder.fmul(values[0], fill(1.44269504088896341)), fill(0.5))
        exponents = _called(builder, "llvm.floor.v8f32", exponents)
        rest = builder.fsub(values[0], builder.fmul(exponents, fill(0.693359375)))
        rest = builder.fsub(rest, builder.fmul(exponents, fill(-2.12194440e-4)))
        series = fill(1.9875691500e-4)
        for number in (1.3981999507e-3, 8.3334519073e-3, 4.1665795894e-2, 1.6666665459e-1, 5.0000001201e-1):
            series = builder.fadd(builder.fmul(series, rest), fill(number))
        series = builder.fadd(builder.fmul(series, builder.fmul(rest, rest)), rest)
        return _times_power_of_two(builder, builder.fadd(series, fill(1.0)), exponents)

    return _lanes(_lanes), generate


@intrinsic
def nearest_exponential(typing, lanes):
    """Return e^x for x ≤ 0, the nearest float32 but for one in ten thousand; 0 below e^-60. Twice as slow."""

    def generate(context, builder, signature, values):
        def fill(number):
            return ir.Constant(_DOUBLES, [number] * WIDTH)

        x = builder.fpext(values[0], _DOUBLES)
        exponents = _called(builder, "llvm.rint.v8f64", builder.fmul(x, fill(1 / math.log(2))))
        rest = builder.fsub(x, builder.fmul(exponents, fill(math.log(2))))
        series = fill(1 / math.factorial(9))
        for power in range(8, -1, -1):
            series = builder.fadd(builder.fmul(series, rest), fill(1 / math.factorial(power)))
        exponents = builder.fptrunc(exponents, _VECTOR)
        return _times_power_of_two(builder, builder.fptrunc(series, _VECTOR), exponents)

    return _lanes(_lanes), generate


def _times_power_of_two(builder, lanes, exponents):
    """Return lanes · 2^exponents for whole exponents up to 127; 0 where an exponent lies below -86."""
    whole = builder.fptosi(exponents, _WHOLE)
    bits = builder.shl(builder.add(whole, ir.Constant(_WHOLE, [127] * WIDTH)), ir.Constant(_WHOLE, [23] * WIDTH))
    product = builder.fmul(lanes, builder.bitcast(bits, _VECTOR))
    is_tiny = builder.fcmp_ordered("<", exponents, ir.Constant(_VECTOR, [-86.0] * WIDTH))
    return builder.select(is_tiny, ir.Constant(_VECTOR, [0.0] * WIDTH), product)


def _called(builder, name, lanes):
    function = cgutils.get_or_insert_function(builder.module, ir.FunctionType(lanes.type, [lanes.type]), name)
    return builder.call(function, [lanes])


def _as_float32(number):
    return struct.unpack("f", struct.pack("f", number))[0]


def _address(context, builder, array_type, array, row, block, channel=None):
    array = context.make_array(array_type)(context, builder, array)
    width = ir.Constant(row.type, WIDTH)
    blocks = cgutils.unpack_tuple(builder, array.shape, 3)[1]
    first = builder.mul(builder.mul(row, blocks), width)
    first = builder.add(first, builder.mul(block, width) if channel is None else channel)
    return builder.bitcast(builder.gep(array.data, [first]), _VECTOR.as_pointer())


def _filled(builder, number):
    one = builder.insert_element(ir.Constant(_VECTOR, ir.Undefined), number, ir.Constant(ir.IntType(32), 0))
    return builder.shuffle_vector(one, ir.Constant(_VECTOR, ir.Undefined), ir.Constant(_WHOLE, [0] * WIDTH))


def _moved(builder, lanes, distance):
    """Return lanes with the number at `distance` as the first, the others after it in a circle."""
    order = ir.Constant(_WHOLE, [(lane + distance) % WIDTH for lane in range(WIDTH)])
    return builder.shuffle_vector(lanes, ir.Constant(_VECTOR, ir.Undefined), order)
