// A field that remembers the range of t it was asked for.
#pragma once

#include <algorithm>
#include <limits>
#include <span>

#include "engine/ode/vector_field.h"

namespace neural_ode::testing {

template <class Scalar>
class WatchedField final : public VectorField<Scalar> {
 public:
  explicit WatchedField(VectorField<Scalar>& inner) : inner_(inner) {}

  Index dim() const override { return inner_.dim(); }
  Index parameter_count() const override { return inner_.parameter_count(); }
  void reserve(Index batch) override { inner_.reserve(batch); }
  void select(std::span<const int> samples) override { inner_.select(samples); }

  void eval(TimesIn t, MatrixIn<Scalar> y, MatrixOut<Scalar> dy) override {
    watch(t);
    inner_.eval(t, y, dy);
  }
  void vjp(TimesIn t, MatrixIn<Scalar> y, MatrixIn<Scalar> a, MatrixOut<Scalar> y_bar,
           VectorOut<Scalar> theta_bar, TimesOut t_bar) override {
    watch(t);
    inner_.vjp(t, y, a, y_bar, theta_bar, t_bar);
  }
  bool jacobian(TimesIn t, MatrixIn<Scalar> y, MatrixOut<Scalar> jacobian) override {
    watch(t);
    return inner_.jacobian(t, y, jacobian);
  }

  double earliest = std::numeric_limits<double>::infinity();
  double latest = -std::numeric_limits<double>::infinity();

 private:
  void watch(const TimesIn& t) {
    for (Index s = 0; s < t.size(); ++s) {
      earliest = std::min(earliest, t[s]);
      latest = std::max(latest, t[s]);
    }
  }

  VectorField<Scalar>& inner_;
};

}  // namespace neural_ode::testing
