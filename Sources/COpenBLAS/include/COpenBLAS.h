#ifndef COPENBLAS_H
#define COPENBLAS_H
#include <stddef.h>
#endif
