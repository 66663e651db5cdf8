// theta_bar = integral of lambda^T df/dtheta by the weights of the steps of a continuous adjoint
// [kidger2021]: what the solver would compute for theta_bar as a part of the state, did it not have
// to keep one for each sample and stage.
#pragma once

#include <span>
#include <vector>

#include "engine/gradient/adjoint_field.h"
#include "engine/ode/solver.h"

namespace neural_ode {

// Nothing waits for the products, so stages of many steps share one: they gather as columns of a
// batch.
template <class Scalar>
class ThetaQuadrature final : public StepSink<Scalar> {
 public:
  // What the solves of `adjoint` with this sink are to add to: theta_bar (P), and the count of
  // vector-Jacobian products of each sample of the forward solve. All of it must outlive them.
  void bind(VectorField<Scalar>& field, AdjointField<Scalar>& adjoint, Vector<Scalar>& theta_bar,
            std::span<int> products);
  void step(const StepView<Scalar>& view) override;
  // Adds what has gathered to theta_bar, and leaves these columns selected.
  void flush();

  std::size_t bytes() const;

 private:
  VectorField<Scalar>* field_ = nullptr;
  AdjointField<Scalar>* adjoint_ = nullptr;
  Vector<Scalar>* theta_bar_ = nullptr;
  std::span<int> products_;
  std::vector<int> samples_;             // of the columns that have gathered
  Vector<double> t_, t_bar_;             // of the columns
  Matrix<Scalar> y_, weighted_, y_bar_;  // D x columns; weighted_: lambda by the step's weight
};

extern template class ThetaQuadrature<float>;
extern template class ThetaQuadrature<double>;

}  // namespace neural_ode
