// Four lanes: SSE2 on x86-64, NEON on arm64, both part of the baseline.
#define VW 4
#define TABLE training_portable
#include "training_impl.inl"
