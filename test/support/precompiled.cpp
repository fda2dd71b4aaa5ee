// Is compiled to make the precompiled header, and linked into nothing.
