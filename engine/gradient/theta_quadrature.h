// theta_bar = integral of lambda^T df/dtheta along the steps of a continuous adjoint, which were
// chosen without it [kidger2021]. No step tells of a df/dtheta that varies more than lambda does:
// here the error of the integral is estimated, and a step that is too long for it is divided.
#pragma once

#include <span>
#include <vector>

#include "engine/gradient/adjoint_field.h"
#include "engine/ode/dense_output.h"
#include "engine/ode/solver.h"

namespace neural_ode {

// The weights b of the method are held against a rule of Gauss on the step's dense output. Where
// they differ by too much the step is integrated by Gauss' rules alone, in halves of halves. Each
// sample is judged by itself, whoever shares its batch. Steps of a given length are not judged.
//
// Nothing waits for the products, so stages of several steps share one: they gather as columns of a
// batch, where steps are judged for each sample, else for all.
template <class Scalar>
class ThetaQuadrature final : public StepSink<Scalar> {
 public:
  // What the solves of `adjoint` with this sink and these options are to add to: theta_bar (P), and
  // the count of vector-Jacobian products of each sample of the forward solve (B). The solves find
  // lambda divided by the size of its sample (B). All of it must outlive them.
  void bind(VectorField<Scalar>& field, AdjointField<Scalar>& adjoint, const SolverOptions& options,
            const Vector<double>& sizes, Vector<Scalar>& theta_bar, std::span<Count> products);
  void step(const StepView<Scalar>& view) override;
  // Adds what has gathered to theta_bar; other columns are selected afterwards.
  void finish();

  std::size_t bytes() const;

 private:
  struct Columns {
    Index n = 0;
    std::vector<int> samples;
    Vector<double> t;
    Matrix<Scalar> y, weighted;  // D x columns; weighted: lambda by the weight of its rule
  };
  struct Interval {
    double t, h;
  };
  // What waits for the next product of a sample, or of all.
  struct Waiting {
    Columns stages;
    std::vector<Interval> steps;
    DenseOutput<Scalar> solution;  // of the steps, where they are judged
    double gathered = 0;           // the norms of all that was added to theta_bar
  };

  Waiting& waiting_of(int sample) {
    return waiting_[coarse_ > 0 ? static_cast<std::size_t>(sample) : 0];
  }
  // Whether products had to make room for the stages of a step.
  bool make_room(const StepView<Scalar>& view);
  bool add_stages(const StepView<Scalar>& view);
  void add_nodes(int sample, const Interval& interval, int count);
  void add_column(int sample, double t, const Scalar* state, double weight, Columns& columns);
  void integrate(Waiting& waiting);
  void divide(int sample, const Interval& interval);
  // Whether two rules agree about so many steps of a sample.
  bool agree(int sample, std::size_t steps, const Vector<Scalar>& fine,
             const Vector<Scalar>& coarse) const;
  // Adds the product of the columns, which are then none.
  void pull(Columns& columns, Vector<Scalar>& sum);
  void pull_nodes(Vector<Scalar>& sum);

  VectorField<Scalar>* field_ = nullptr;
  AdjointField<Scalar>* adjoint_ = nullptr;
  const SolverOptions* options_ = nullptr;
  const Vector<double>* sizes_ = nullptr;
  Vector<Scalar>* theta_bar_ = nullptr;
  std::span<Count> products_;
  int coarse_ = 0;                // nodes of the rule to judge by; 0: none
  std::vector<Waiting> waiting_;  // B, or 1
  Columns nodes_;
  Vector<double> t_bar_;
  Matrix<Scalar> y_bar_;
  Vector<Scalar> state_;                  // of the adjoint, at a node
  Vector<Scalar> fine_sum_, coarse_sum_;  // P
};

extern template class ThetaQuadrature<float>;
extern template class ThetaQuadrature<double>;

}  // namespace neural_ode
