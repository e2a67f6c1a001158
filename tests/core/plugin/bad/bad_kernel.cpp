// Which case of bad_kernels.cpp this library is.
extern const char* const bad_case;
const char* const bad_case = BAD;
