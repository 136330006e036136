// A module without sources of its own yet still needs one translation unit.
