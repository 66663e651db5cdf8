// Elementary functions in double whose every bit is ours: no libm call, so that data, schedules and
// controllers agree between glibc, musl and a browser. Errors are below 2 ulp
// (sigmoid: 2.5; pow: see there), tests/engine/core/test_core.cpp.
#pragma once

namespace neural_ode::math {

double exp(double x);
double expm1(double x);
double log(double x);  // -inf at 0, NaN below
double log1p(double x);
double pow(double x, double y);  // x >= 0; exp(y log x) with the error that implies
double sin(double x);            // |x| <= 1e6, NaN beyond
double cos(double x);            // so is this
double tanh(double x);
double sigmoid(double x);

// To 2e-7 and in a third of the time, for what is only a guess, such as the length of a step.
double quick_exp2(double x);  // 2^x, relative error; |x| <= 1000
double quick_log2(double x);  // absolute error; x normal and positive

}  // namespace neural_ode::math
