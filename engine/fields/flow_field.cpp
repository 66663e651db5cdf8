#include "engine/fields/flow_field.h"

#include <utility>

#include "engine/fields/jet.h"

namespace neural_ode {

template <class Scalar>
FlowField<Scalar>::FlowField(FlowNetwork network, bool time_input, Trace trace, int probes,
                             const FlowPenalty& penalty)
    : made_of_(std::move(network)),
      network_(made_of_.make<Scalar>()),
      trace_(trace),
      penalty_(penalty),
      tangents_(trace == Trace::exact  ? network_->outputs()
                : trace == Trace::none ? 0
                                       : probes),
      weight_(!estimated() ? Scalar(1) : Scalar(1) / static_cast<Scalar>(probes)) {
  eigen_assert(network_->inputs() == network_->outputs() + (time_input ? 1 : 0) && probes > 0);
  static_cast<void>(time_input);
}

template <class Scalar>
void FlowField<Scalar>::draw_probes(Index batch, Rng& rng) {
  selected_.clear();
  if (!estimated()) return;
  const Index columns = batch * tangents_;
  if (probes_.cols() < columns) probes_.resize(network_->outputs(), columns);
  for (Index c = 0; c < columns; ++c) {
    for (Index d = 0; d < probes_.rows(); ++d) {
      const double draw = trace_ == Trace::gaussian  ? rng.normal()
                          : (rng.next() >> 31U) == 0 ? -1.0
                                                     : 1.0;
      probes_(d, c) = static_cast<Scalar>(draw);
    }
  }
}

template <class Scalar>
void FlowField<Scalar>::reserve(Index batch) {
  const Index columns = batch * (tangents_ + 1);
  if (jet_.cols() >= columns) return;
  network_->reserve(columns);
  jet_.resize(network_->inputs(), columns);
  x_bar_.resize(network_->inputs(), columns);
  f_bar_.resize(network_->outputs(), columns);
  selected_.reserve(static_cast<std::size_t>(batch));
}

template <class Scalar>
void FlowField<Scalar>::select(std::span<const int> samples) {
  if (estimated()) selected_.assign(samples.begin(), samples.end());
}

template <class Scalar>
void FlowField<Scalar>::write_probe_tangents(Index n) {
  const Index dim = network_->outputs(), inputs = network_->inputs();
  eigen_assert(selected_.empty() || n <= static_cast<Index>(selected_.size()));
  for (Index p = 0; p < n; ++p) {
    const Index sample = selected_.empty() ? p : selected_[static_cast<std::size_t>(p)];
    eigen_assert((sample + 1) * tangents_ <= probes_.cols());
    for (Index k = 0; k < tangents_; ++k) {
      Scalar* tangent = jet_.col((k + 1) * n + p).data();
      const Scalar* probe = probes_.col(sample * tangents_ + k).data();
      for (Index d = 0; d < dim; ++d) tangent[d] = probe[d];
      if (inputs > dim) tangent[dim] = 0;  // the trace is that of df/dz at fixed t
    }
  }
}

template <class Scalar>
MatrixIn<Scalar> FlowField<Scalar>::write_jet(TimesIn t, MatrixIn<Scalar> y) {
  const Index n = y.cols(), dim = network_->outputs();
  reserve(n);
  auto jet = jet_.leftCols(n * (tangents_ + 1));
  write_values<Scalar>(t, y.topRows(dim), jet);
  if (trace_ == Trace::exact) {
    write_basis_tangents<Scalar>(dim, n, jet);
  } else if (estimated()) {
    write_probe_tangents(n);
  }
  return jet;
}

template <class Scalar>
void FlowField<Scalar>::read_image(MatrixIn<Scalar> jet, MatrixIn<Scalar> image,
                                   MatrixOut<Scalar> dy) const {
  const Index n = dy.cols(), dim = network_->outputs();
  dy.topRows(dim) = image.leftCols(n);
  if (trace_ == Trace::none) return;
  for (Index p = 0; p < n; ++p) {
    Scalar sum = 0;
    for (Index k = 1; k <= tangents_; ++k) {
      for (Index d = 0; d < dim; ++d) sum += jet(d, k * n + p) * image(d, k * n + p);
    }
    dy(dim, p) = -weight_ * sum;
  }
  if (!penalty_.any()) return;
  for (Index p = 0; p < n; ++p) {
    Scalar energy = 0, norm = 0;
    for (Index d = 0; d < dim; ++d) {
      energy += image(d, p) * image(d, p);
      for (Index k = 1; k <= tangents_; ++k) norm += image(d, k * n + p) * image(d, k * n + p);
    }
    dy(dim + 1, p) = static_cast<Scalar>(penalty_.kinetic) * energy +
                     static_cast<Scalar>(penalty_.jacobian) * weight_ * norm;
  }
}

template <class Scalar>
MatrixIn<Scalar> FlowField<Scalar>::image_bar(MatrixIn<Scalar> jet, MatrixIn<Scalar> image,
                                              MatrixIn<Scalar> a) {
  const Index n = a.cols(), dim = network_->outputs();
  reserve(n);
  f_bar_.leftCols(n) = a.topRows(dim);
  for (Index k = 1; k <= tangents_; ++k) {
    for (Index p = 0; p < n; ++p) {
      const Scalar bar = -weight_ * a(dim, p);
      for (Index d = 0; d < dim; ++d) f_bar_(d, k * n + p) = bar * jet(d, k * n + p);
    }
  }
  if (penalty_.any()) {
    for (Index k = 0; k <= tangents_; ++k) {
      const Scalar factor =
          static_cast<Scalar>(2) * (k == 0 ? static_cast<Scalar>(penalty_.kinetic)
                                           : static_cast<Scalar>(penalty_.jacobian) * weight_);
      for (Index p = 0; p < n; ++p) {
        for (Index d = 0; d < dim; ++d)
          f_bar_(d, k * n + p) += factor * a(dim + 1, p) * image(d, k * n + p);
      }
    }
  }
  return f_bar_.leftCols(n * (tangents_ + 1));
}

template <class Scalar>
void FlowField<Scalar>::add_input_bar(Index n, MatrixOut<Scalar> y_bar, TimesOut t_bar) const {
  const Index dim = network_->outputs();
  y_bar.topRows(dim) += x_bar_.topLeftCorner(dim, n);  // nothing depends on ell
  if (network_->inputs() > dim)
    t_bar += x_bar_.row(dim).head(n).transpose().template cast<double>();
}

template <class Scalar>
void FlowField<Scalar>::eval(TimesIn t, MatrixIn<Scalar> y, MatrixOut<Scalar> dy) {
  const MatrixIn<Scalar> jet = write_jet(t, y);
  read_image(jet, network_->forward(theta(), jet, tangents_), dy);
}

template <class Scalar>
void FlowField<Scalar>::vjp(TimesIn t, MatrixIn<Scalar> y, MatrixIn<Scalar> a,
                            MatrixOut<Scalar> y_bar, VectorOut<Scalar> theta_bar, TimesOut t_bar) {
  const MatrixIn<Scalar> jet = write_jet(t, y);
  const MatrixIn<Scalar> image = network_->forward(theta(), jet, tangents_);
  network_->pullback(theta(), image_bar(jet, image, a), x_bar_.leftCols(jet.cols()), theta_bar);
  add_input_bar(y.cols(), y_bar, t_bar);
}

template <class Scalar>
Index FlowField<Scalar>::record_size(Index batch) const {
  const Index rows = network_->record_rows(tangents_) + (penalty_.any() ? network_->outputs() : 0);
  return rows * batch * (tangents_ + 1);
}

template <class Scalar>
void FlowField<Scalar>::eval_recording(TimesIn t, MatrixIn<Scalar> y, MatrixOut<Scalar> dy,
                                       Scalar* record) {
  const MatrixIn<Scalar> jet = write_jet(t, y);
  Eigen::Map<Matrix<Scalar>> network(record, network_->record_rows(tangents_), jet.cols());
  const MatrixIn<Scalar> image = network_->forward(theta(), jet, tangents_, network);
  read_image(jet, image, dy);
  if (!penalty_.any()) return;
  Eigen::Map<Matrix<Scalar>>(record + network.size(), network_->outputs(), jet.cols()) = image;
}

template <class Scalar>
void FlowField<Scalar>::vjp_recorded(const Scalar* record, MatrixIn<Scalar> a,
                                     MatrixOut<Scalar> y_bar, VectorOut<Scalar> theta_bar,
                                     TimesOut t_bar) {
  const Index n = a.cols(), columns = n * (tangents_ + 1);
  const Eigen::Map<const Matrix<Scalar>> network(record, network_->record_rows(tangents_), columns);
  const Eigen::Map<const Matrix<Scalar>> image(record + network.size(),
                                               penalty_.any() ? network_->outputs() : 0, columns);
  // A network's record begins with what went into it.
  const MatrixIn<Scalar> bar = image_bar(network.topRows(network_->inputs()), image, a);
  network_->pullback(theta(), network, tangents_, bar, x_bar_.leftCols(columns), theta_bar);
  add_input_bar(n, y_bar, t_bar);
}

template <class Scalar>
std::unique_ptr<VectorField<Scalar>> FlowField<Scalar>::clone() const {
  auto copy = std::make_unique<FlowField>(made_of_, network_->inputs() > network_->outputs(),
                                          trace_, tangents_, penalty_);
  copy->follow(*this);
  return copy;
}

template <class Scalar>
bool FlowField<Scalar>::follow(const VectorField<Scalar>& original) {
  const auto* field = dynamic_cast<const FlowField*>(&original);
  if (field == nullptr || field->trace_ != trace_ || field->tangents_ != tangents_ ||
      field->penalty_ != penalty_ || field->made_of_ != made_of_) {
    return false;
  }
  theta_ = field->theta_;
  probes_ = field->probes_;
  return true;
}

template class FlowField<float>;
template class FlowField<double>;

std::optional<std::size_t> find_layer_without_curvature(std::span<const LayerSpec> layers) {
  for (std::size_t i = 0; i < layers.size(); ++i) {
    if (!has_second_derivative(layers[i].activation)) return i;
  }
  return std::nullopt;
}

}  // namespace neural_ode
