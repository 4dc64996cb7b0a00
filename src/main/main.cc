#include <cstdio>

#include "bif/tables.h"
#include "process/machine.h"
#include "process/process.h"

int main() { std::printf("hanse\n"); }
