#!/usr/bin/env python3
"""Writes src/Custos.Detection/Scores/ScoreTables.Generated.cs; run from the top of the checkout. Prints the SHA-256 of both tables."""
from decimal import Decimal, getcontext, ROUND_HALF_EVEN
import hashlib, struct
getcontext().prec=80
T=[]
n=1
for i in range(1024):
    while (n+1)**64 <= 1<<i: n+=1
    T.append(n)
two=Decimal(2)
S=[]
for j in range(-1280,1281):
    v=Decimal(10**6)/(1+two**(Decimal(-j)/64))
    S.append(int(v.to_integral_value(rounding=ROUND_HALF_EVEN)))
print(hashlib.sha256(struct.pack("<1024I",*T)).hexdigest(), hashlib.sha256(struct.pack("<2561i",*S)).hexdigest())
out='''// Written by eng/scores/generate.py: T[i] = floor(2^(i/64)) and S[j + 1280] = round(10^6 / (1 + 2^(-j/64))), half to even (detection-spec, sections 7 and 8).
namespace Custos.Detection;

static partial class ScoreTables
{
    /// <summary>floor(2^(i/64)), i 0 to 1,023.</summary>
    internal static ReadOnlySpan<int> T =>
    [
%s
    ];

    /// <summary>A probability in millionths for logarithmic odds of j/64 bits, j -1,280 to 1,280.</summary>
    internal static ReadOnlySpan<int> S =>
    [
%s
    ];
}
'''
def block(v):
    return "\n".join("        "+", ".join(map(str,v[i:i+16]))+"," for i in range(0,len(v),16))
open("src/Custos.Detection/Scores/ScoreTables.Generated.cs","w").write(out%(block(T),block(S)))
