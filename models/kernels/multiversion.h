#pragma once
// One loop, compiled for several instruction sets, chosen at run time when the program is loaded.
// The loops are plain C++, so every version gives the same bits. Levels are chosen by what the CPU
// can do; a named CPU would be matched by its name alone, and a newer one take the slower version.

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && \
    !defined(__SANITIZE_ADDRESS__)
#define MIXPE_MULTIVERSION \
  __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define MIXPE_MULTIVERSION
#endif
