#pragma once
// One loop, compiled for several instruction sets, chosen at run time when the program is loaded.
// The loops are plain C++, so every version gives the same bits.

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && \
    !defined(__SANITIZE_ADDRESS__)
#define MIXPE_MULTIVERSION __attribute__((target_clones("arch=skylake-avx512", "avx2", "default")))
#else
#define MIXPE_MULTIVERSION
#endif
