// A ball that falls, meets a surface and leaves it: a field, an event function and an update of the
// state, all to be learnt [chen2021]. The state is y = (height x, velocity v).
//   between events  x' = v,  v' = -G gamma + a(x, v)
//   event           g(x, v) = w_x x + w_v v / V + b + s(x, v), falling through zero
//   update          x+ = x-,  v+ = -restitution v- + u(x-, v-)
// a, s and u are networks that start at zero, or absent. theta = (gamma, restitution, w_x, w_v, b,
// networks); the units G = V = 10 make a change of any of them matter about as much as of another,
// as optimisers of the kind of Adam want it.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "engine/core/rng.h"
#include "engine/nn/activation.h"
#include "engine/nn/mlp.h"
#include "engine/nn/parameter_layout.h"
#include "engine/ode/event.h"
#include "engine/ode/vector_field.h"

namespace neural_ode {

struct BallGuess {
  double gravity = 5, restitution = 1, floor = 0.3;  // of a level surface: g = x - floor
};

// What the field, the surface and their gradient need to know of theta.
template <class Scalar>
class BallParameters {
 public:
  enum Entry : Index { gamma, restitution, surface_x, surface_v, surface_b };
  static constexpr Scalar unit = 10;  // G and V

  // hidden == 0: no networks; else each has `layers` hidden layers of so many units.
  BallParameters(int hidden, Activation activation, int layers = 1);

  const ParameterLayout& layout() const { return layout_; }
  Vector<Scalar> initial(const BallGuess& guess, Rng& rng) const;
  // P entries, read at every call.
  void bind(const Scalar* theta) { theta_ = theta; }
  const Scalar* bound_theta() const { return theta_; }
  Scalar operator[](Entry entry) const { return theta_[entry]; }

  // The networks: (x, v) -> 1 of one sample.
  enum Part { acceleration, surface, update, parts };
  Scalar correction(Part part, const Scalar* y);
  // Adds the pullback of `bar` to y_bar (2) and theta_bar (P, or empty).
  void pull_correction(Part part, const Scalar* y, Scalar bar, Scalar* y_bar,
                       VectorOut<Scalar> theta_bar);

 private:
  Eigen::Map<const Vector<Scalar>> weights(Part part) const;

  ParameterLayout layout_;
  std::vector<Mlp<Scalar>> networks_;  // none, or one a part
  std::vector<Index> offsets_;
  Matrix<Scalar> x_, x_bar_, bar_;  // scratch: 2, 2 and 1 x 1
  const Scalar* theta_ = nullptr;
};

template <class Scalar>
class BallField final : public VectorField<Scalar> {
 public:
  // Shared with the surface.
  explicit BallField(BallParameters<Scalar>& parameters) : p_(parameters) {}

  Index dim() const override { return 2; }
  Index parameter_count() const override { return p_.layout().size(); }
  const Scalar* bound_theta() const override { return p_.bound_theta(); }
  void eval(TimesIn t, MatrixIn<Scalar> y, MatrixOut<Scalar> dy) override;
  void vjp(TimesIn t, MatrixIn<Scalar> y, MatrixIn<Scalar> a, MatrixOut<Scalar> y_bar,
           VectorOut<Scalar> theta_bar, TimesOut t_bar) override;

 private:
  BallParameters<Scalar>& p_;
};

template <class Scalar>
class BallSurface final : public Event<Scalar> {
 public:
  explicit BallSurface(BallParameters<Scalar>& parameters) : p_(parameters) {}

  Crossing crossing() const override { return Crossing::falling; }
  bool resets() const override { return true; }
  double value(double t, const Scalar* y) const override;
  double vjp(double t, const Scalar* y, double g_bar, Scalar* y_bar,
             VectorOut<Scalar> theta_bar) const override;
  void reset(double t, const Scalar* y, Index dim, Scalar* y_after) const override;
  double reset_vjp(double t, const Scalar* y, Index dim, const Scalar* after_bar, Scalar* y_bar,
                   VectorOut<Scalar> theta_bar) const override;

 private:
  BallParameters<Scalar>& p_;
};

// L = 1/((T-1) B) sum_{k>0} (x_k - height_k)^2 of the states (T of 2 x B) and observed heights (T x
// B; rows beyond T - 1 are not looked at). Writes dL/dstates.
template <class Scalar>
double height_loss(const std::vector<Matrix<Scalar>>& states, const Matrix<double>& heights,
                   std::vector<Matrix<Scalar>>& states_bar);

extern template class BallParameters<float>;
extern template class BallParameters<double>;
extern template class BallField<float>;
extern template class BallField<double>;
extern template class BallSurface<float>;
extern template class BallSurface<double>;

}  // namespace neural_ode
