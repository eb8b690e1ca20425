#include "CSixel.h"
