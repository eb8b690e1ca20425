#ifndef CSIXEL_H
#define CSIXEL_H
#endif
