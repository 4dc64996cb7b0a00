// A Term with its type tests and views of bits: what nearly everybody includes.
#pragma once

#include "term/binary_view.h"
#include "term/header.h"
#include "term/word.h"
