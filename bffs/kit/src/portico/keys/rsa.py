"""RSA keys that are easily broken though they are long enough. Pure arithmetic, about a millisecond per key.

References: RFC 7518 (3.3, key sizes), CVE-2017-15361 (ROCA), CVE-2022-26320 (primes that are too close).
"""

from __future__ import annotations

from math import gcd, isqrt, prod

_MIN_BITS, _MAX_BITS = 2048, 8192
_MIN_EXPONENT, _MAX_EXPONENT_BITS = 65537, 32
_ROCA_PRIMES = (3, 5, 7, 11, 13, 17, 19, 37, 53, 61, 71, 73, 79, 97, 103, 107, 109, 127, 151, 157)
_SMALL_PRIMES = prod(n for n in range(2, 1000) if all(n % d for d in range(2, isqrt(n) + 1)))
_FERMAT_ROUNDS = 100


def check_rsa(modulus: int, exponent: int) -> None:
    """Raise ValueError when the public key (n, e) is too short or long, or known to be weak."""
    if not _MIN_BITS <= modulus.bit_length() <= _MAX_BITS:
        raise ValueError(f"an RSA key has {_MIN_BITS} to {_MAX_BITS} bits")
    if exponent < _MIN_EXPONENT or exponent % 2 == 0 or exponent.bit_length() > _MAX_EXPONENT_BITS:
        raise ValueError("the RSA exponent is not safe")
    if gcd(modulus, _SMALL_PRIMES) != 1:
        raise ValueError("the RSA modulus has a small factor")
    if all(_is_power_of_f4(modulus % prime, prime) for prime in _ROCA_PRIMES):
        raise ValueError("the RSA key was made by a broken generator (ROCA)")
    if _has_close_factors(modulus):
        raise ValueError("the RSA modulus is a product of two primes that are too close")


def _is_power_of_f4(value: int, prime: int) -> bool:
    """Whether `value` is a power of 65537 modulo `prime`: true for all small primes only with ROCA moduli."""
    power = 1
    for _ in range(prime):
        if power == value:
            return True
        power = power * 65537 % prime
    return False


def _has_close_factors(modulus: int) -> bool:
    """Fermat's method, given up early: it finds p and q at once when they are close, squares included."""
    root = isqrt(modulus)
    middle = root if root * root == modulus else root + 1
    for _ in range(_FERMAT_ROUNDS):
        rest = middle * middle - modulus
        if isqrt(rest) ** 2 == rest:
            return True
        middle += 1
    return False
