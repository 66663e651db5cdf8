#include "engine/ode/dense_output.h"

namespace neural_ode {

template <class Scalar>
void DenseOutput<Scalar>::clear(Index dim, Index batch) {
  dim_ = dim;
  pieces_.resize(static_cast<std::size_t>(batch));
  for (auto& pieces : pieces_) pieces.clear();
  coefficients_.clear();
  last_.assign(static_cast<std::size_t>(batch), 0);
}

template <class Scalar>
void DenseOutput<Scalar>::add(int sample, double t, double h, Index p, const Scalar* y,
                              const Stages<Scalar>& stages) {
  const int degree = stages.method().interpolant_degree();
  const std::size_t begin = coefficients_.size();
  coefficients_.resize(begin + static_cast<std::size_t>(dim_ * (degree + 1)));
  stages.polynomial(p, h, y, coefficients_.data() + begin);
  pieces_[static_cast<std::size_t>(sample)].push_back({t, h, begin, degree});
}

template <class Scalar>
void DenseOutput<Scalar>::eval(int sample, double t, Scalar* out) const {
  const auto& pieces = pieces_[static_cast<std::size_t>(sample)];
  std::size_t& at = last_[static_cast<std::size_t>(sample)];
  const auto position = [&](std::size_t i) { return (t - pieces[i].t) / pieces[i].h; };
  while (at + 1 < pieces.size() && position(at) > 1) ++at;
  while (at > 0 && position(at) < 0) --at;

  const Piece& piece = pieces[at];
  const Scalar x = static_cast<Scalar>(position(at));
  const Scalar* coefficient = coefficients_.data() + piece.begin;
  for (Index d = 0; d < dim_; ++d) {
    Scalar value = coefficient[piece.degree * dim_ + d];
    for (int j = piece.degree - 1; j >= 0; --j) value = value * x + coefficient[j * dim_ + d];
    out[d] = value;
  }
}

template <class Scalar>
std::size_t DenseOutput<Scalar>::bytes() const {
  std::size_t bytes = coefficients_.size() * sizeof(Scalar);
  for (const auto& pieces : pieces_) bytes += pieces.size() * sizeof(Piece);
  return bytes;
}

template class DenseOutput<float>;
template class DenseOutput<double>;

}  // namespace neural_ode
