// Functions that give the same bits on every processor, put before all other code.
//
// The C library chooses its code by the processor that it finds, and so its last bit: where multiplication and addition
// are one instruction, exp(x) is another number for one x in a hundred. Here exp, log and powers are made of single
// additions, multiplications and divisions, which IEEE 754 leaves no choice about, as long as the compiler neither
// contracts nor reorders them; they are right to a few units of the last place. Functions that few rules need are asked of
// the C library in 128 bits, where it computes with integers, and rounded once.
#pragma once
// All that Brian2's sources include, read before names are replaced.
#include <algorithm>
#include <climits>
#include <cmath>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <fstream>
#include <iostream>
#include <limits>
#include <map>
#include <random>
#include <set>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#if defined(__GLIBC__) && defined(__SIZEOF_FLOAT128__) && defined(__x86_64__)
#define WORKBENCH_ROUNDED(name) \
    static inline double workbench_##name(double x) { return (double) name##f128((__float128) x); }
#define WORKBENCH_GENERAL_POWER(x, y) (double) powf128((__float128) (x), (__float128) (y))
#else
#define WORKBENCH_ROUNDED(name) static inline double workbench_##name(double x) { return std::name(x); }
#define WORKBENCH_GENERAL_POWER(x, y) std::pow((x), (y))
#endif

WORKBENCH_ROUNDED(sin)
WORKBENCH_ROUNDED(cos)
WORKBENCH_ROUNDED(tan)
WORKBENCH_ROUNDED(asin)
WORKBENCH_ROUNDED(acos)
WORKBENCH_ROUNDED(atan)

// exp(x) = 2^k exp(r) with |r| <= log(2) / 2: the Taylor series of exp(r) to r^13 / 13!, whose rest is below 5e-18.
// Results below 1e-307 are 0, as numbers without all their bits are everywhere in a run. Without a branch: it vectorises.
static inline double workbench_exp(double x)
{
    const double shift = 6755399441055744.0; // 1.5 * 2^52: a sum with it has the nearest integer in its lowest bits.
    const double upper = 709.782712893384, lower = -707.0;
    double within = x < upper ? x : upper;
    within = within > lower ? within : lower;
    const double shifted = within * 1.4426950408889634 + shift;
    const double k = shifted - shift;
    // log(2) in two parts, the first of which has 21 trailing zeros, so that its product with k is exact.
    const double r = (within - k * 0.6931471803691238) - k * 1.9082149292705877e-10;
    double q = 1.0 / 6227020800.0;
    q = q * r + 1.0 / 479001600.0;
    q = q * r + 1.0 / 39916800.0;
    q = q * r + 1.0 / 3628800.0;
    q = q * r + 1.0 / 362880.0;
    q = q * r + 1.0 / 40320.0;
    q = q * r + 1.0 / 5040.0;
    q = q * r + 1.0 / 720.0;
    q = q * r + 1.0 / 120.0;
    q = q * r + 1.0 / 24.0;
    q = q * r + 1.0 / 6.0;
    q = q * r + 0.5;
    q = 1.0 + (r + r * r * q);
    // Half of 2^k by its exponent, since 2^1024 has none.
    uint64_t bits;
    std::memcpy(&bits, &shifted, sizeof bits);
    bits = (bits + 1022) << 52;
    double half;
    std::memcpy(&half, &bits, sizeof half);
    double result = q * half * 2.0;
    result = x < lower ? 0.0 : result;
    result = x > upper ? std::numeric_limits<double>::infinity() : result;
    return x != x ? x : result;
}

// log(x) = k log(2) + log(1 + f) with 1 + f from 0.7 to 1.4; with s = f / (2 + f), log(1 + f) = 2 s + 2 s^3 / 3 + ...,
// whose terms beyond s^23 are below 1e-19 of it.
static inline double workbench_log(double x)
{
    const double infinity = std::numeric_limits<double>::infinity();
    uint64_t bits;
    std::memcpy(&bits, &x, sizeof bits);
    // The exponent as a number: it is put into the lowest bits of 2^52, which then are taken away.
    const uint64_t exponent = (bits >> 52) | UINT64_C(0x4330000000000000);
    double k;
    std::memcpy(&k, &exponent, sizeof k);
    bits = (bits & UINT64_C(0x000fffffffffffff)) | UINT64_C(0x3ff0000000000000);
    double m;
    std::memcpy(&m, &bits, sizeof m);
    const bool large = m > 1.4142135623730951;
    k = k - (large ? 4503599627371518.0 : 4503599627371519.0);
    m = large ? 0.5 * m : m;
    const double f = m - 1.0;
    const double s = f / (2.0 + f);
    const double z = s * s;
    double p = 2.0 / 23.0;
    p = p * z + 2.0 / 21.0;
    p = p * z + 2.0 / 19.0;
    p = p * z + 2.0 / 17.0;
    p = p * z + 2.0 / 15.0;
    p = p * z + 2.0 / 13.0;
    p = p * z + 2.0 / 11.0;
    p = p * z + 2.0 / 9.0;
    p = p * z + 2.0 / 7.0;
    p = p * z + 2.0 / 5.0;
    p = p * z + 2.0 / 3.0;
    // 2 s = f - s f, and s f = f^2 / 2 - s f^2 / 2: the large part, f, is exact.
    const double square = 0.5 * f * f;
    const double rest = square - s * (square + z * p);
    double result = k * 0.6931471803691238 - ((rest - k * 1.9082149292705877e-10) - f);
    result = x < infinity ? result : x;
    result = x > 0.0 ? result : std::numeric_limits<double>::quiet_NaN();
    return x == 0.0 ? -infinity : result;
}

static inline double workbench_log10(double x)
{
    return workbench_log(x) * 0.4342944819032518;
}

// What 1 + x loses of x is put back.
static inline double workbench_log1p(double x)
{
    const double u = 1.0 + x;
    const double whole = workbench_log(u);
    return u - u == 0.0 && u > 0.0 ? whole + (x - (u - 1.0)) / u : whole;
}

// exp(x) - 1: near 0 the Taylor series without its 1, to x^15 / 15!.
static inline double workbench_expm1(double x)
{
    double q = 1.0 / 1307674368000.0;
    q = q * x + 1.0 / 87178291200.0;
    q = q * x + 1.0 / 6227020800.0;
    q = q * x + 1.0 / 479001600.0;
    q = q * x + 1.0 / 39916800.0;
    q = q * x + 1.0 / 3628800.0;
    q = q * x + 1.0 / 362880.0;
    q = q * x + 1.0 / 40320.0;
    q = q * x + 1.0 / 5040.0;
    q = q * x + 1.0 / 720.0;
    q = q * x + 1.0 / 120.0;
    q = q * x + 1.0 / 24.0;
    q = q * x + 1.0 / 6.0;
    q = q * x + 0.5;
    const double near = x + x * x * q;
    const double far = workbench_exp(x) - 1.0;
    return x > -0.5 && x < 0.5 ? near : far;
}

static inline double workbench_tanh(double x)
{
    const double size = x < 0.0 ? -x : x;
    const double t = workbench_expm1(2.0 * (size < 20.0 ? size : 20.0));
    const double y = t / (t + 2.0);
    return x != x ? x : x < 0.0 ? -y : y;
}

// As exp, sinh and cosh are infinite beyond 709.78.
static inline double workbench_sinh(double x)
{
    const double size = x < 0.0 ? -x : x;
    const double t = workbench_expm1(size);
    // Beyond 2^53 the second part is 0, and infinity over infinity would be nothing.
    const double y = 0.5 * (t < 9e15 ? t + t / (t + 1.0) : t);
    return x != x ? x : x < 0.0 ? -y : y;
}

static inline double workbench_cosh(double x)
{
    const double e = workbench_exp(x < 0.0 ? -x : x);
    return 0.5 * e + 0.5 / e;
}

// Powers with whole exponents by squaring, in long double and rounded once, all others in 128 bits; the few that
// equations have are in line.
static __attribute__((noinline, unused)) double workbench_far_power(double x, double y)
{
    const double whole = y < 0.0 ? -y : y;
    if (!(whole < 2147483648.0) || whole != (double) (int64_t) whole)
        return WORKBENCH_GENERAL_POWER(x, y);
    long double power = 1.0L, square = x;
    for (int64_t left = (int64_t) whole; left; left >>= 1)
    {
        if (left & 1)
            power *= square;
        square *= square;
    }
    return (double) (y < 0.0 ? 1.0L / power : power);
}

static inline double workbench_pow(double x, double y)
{
    if (y == 2.0) return x * x;
    if (y == 3.0) return x * (x * x);
    if (y == -1.0) return 1.0 / x;
    return workbench_far_power(x, y);
}

// Any other number type by way of double; single precision is rounded once.
#define WORKBENCH_OTHER_TYPES(name) \
    static inline float workbench_##name(float x) { return (float) workbench_##name((double) x); } \
    template<class T, class = typename std::enable_if<std::is_integral<T>::value>::type> \
    static inline double workbench_##name(T x) { return workbench_##name((double) x); } \
    namespace std { using ::workbench_##name; }

WORKBENCH_OTHER_TYPES(exp)
WORKBENCH_OTHER_TYPES(log)
WORKBENCH_OTHER_TYPES(sin)
WORKBENCH_OTHER_TYPES(cos)
WORKBENCH_OTHER_TYPES(tan)
WORKBENCH_OTHER_TYPES(asin)
WORKBENCH_OTHER_TYPES(acos)
WORKBENCH_OTHER_TYPES(atan)
WORKBENCH_OTHER_TYPES(sinh)
WORKBENCH_OTHER_TYPES(cosh)
WORKBENCH_OTHER_TYPES(tanh)
WORKBENCH_OTHER_TYPES(log10)
WORKBENCH_OTHER_TYPES(log1p)
WORKBENCH_OTHER_TYPES(expm1)

static inline float workbench_pow(float x, float y) { return (float) workbench_pow((double) x, (double) y); }
template<class X, class Y, class = typename std::enable_if<
    !(std::is_same<X, float>::value && std::is_same<Y, float>::value)
    && !(std::is_same<X, double>::value && std::is_same<Y, double>::value)>::type>
static inline double workbench_pow(X x, Y y) { return workbench_pow((double) x, (double) y); }
namespace std { using ::workbench_pow; }

#define exp workbench_exp
#define log workbench_log
#define sin workbench_sin
#define cos workbench_cos
#define tan workbench_tan
#define asin workbench_asin
#define acos workbench_acos
#define atan workbench_atan
#define sinh workbench_sinh
#define cosh workbench_cosh
#define tanh workbench_tanh
#define log10 workbench_log10
#define log1p workbench_log1p
#define expm1 workbench_expm1
#define pow workbench_pow
