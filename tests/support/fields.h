// Small vector fields with hand-written reverses, for tests of the ode and gradient floors.
#pragma once

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <utility>

#include "engine/core/types.h"
#include "engine/ode/vector_field.h"

namespace neural_ode {

// dy/dt = A g(y) + t b with g(y) = y^power entry by entry and theta = (A column by column, b).
class PowerField final : public VectorField<double> {
 public:
  PowerField(Matrix<double> matrix, int power, Vector<double> drift)
      : a(matrix), b(drift), power_(power) {}
  explicit PowerField(Matrix<double> matrix, int power = 1)
      : PowerField(matrix, power, Vector<double>::Zero(matrix.rows())) {}

  Index dim() const override { return a.rows(); }
  Index parameter_count() const override { return a.size() + b.size(); }

  void eval(TimesIn t, MatrixIn<double> y, MatrixOut<double> dy) override {
    for (Index p = 0; p < y.cols(); ++p) {
      for (Index i = 0; i < dim(); ++i) {
        double sum = t[p] * b[i];
        for (Index j = 0; j < dim(); ++j) sum += a(i, j) * power(y(j, p), power_);
        dy(i, p) = sum;
      }
    }
  }

  void vjp(TimesIn t, MatrixIn<double> y, MatrixIn<double> cotangent, MatrixOut<double> y_bar,
           VectorOut<double> theta_bar, TimesOut t_bar) override {
    const Index d = dim();
    for (Index p = 0; p < y.cols(); ++p) {
      for (Index i = 0; i < d; ++i) {
        const double bar = cotangent(i, p);
        for (Index j = 0; j < d; ++j) {
          y_bar(j, p) += bar * a(i, j) * power_ * power(y(j, p), power_ - 1);
          if (theta_bar.size() > 0) theta_bar[j * d + i] += bar * power(y(j, p), power_);
        }
        if (theta_bar.size() > 0) theta_bar[d * d + i] += bar * t[p];
        t_bar[p] += bar * b[i];
      }
    }
  }

  Matrix<double> a;
  Vector<double> b;

 private:
  static double power(double x, int n) {
    double result = 1;
    for (int i = 0; i < n; ++i) result *= x;
    return result;
  }
  int power_;
};

// Any f(t, y) of one sample, without a reverse. Remembers the range of t it was asked for.
class FunctionField final : public VectorField<double> {
 public:
  using Function = std::function<void(double t, const double* y, double* dy)>;
  FunctionField(Index dim, Function f) : dim_(dim), f_(std::move(f)) {}

  Index dim() const override { return dim_; }
  void eval(TimesIn t, MatrixIn<double> y, MatrixOut<double> dy) override {
    for (Index p = 0; p < y.cols(); ++p) {
      earliest = std::min(earliest, t[p]);
      latest = std::max(latest, t[p]);
      f_(t[p], y.col(p).data(), dy.col(p).data());
    }
  }
  void vjp(TimesIn, MatrixIn<double>, MatrixIn<double>, MatrixOut<double>, VectorOut<double>,
           TimesOut) override {}

  double earliest = std::numeric_limits<double>::infinity();
  double latest = -std::numeric_limits<double>::infinity();

 private:
  Index dim_;
  Function f_;
};

}  // namespace neural_ode
