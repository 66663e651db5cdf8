#include "engine/analysis/assignment.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace neural_ode {

namespace {

std::size_t at(int i) {
  return static_cast<std::size_t>(i);
}

}  // namespace

const std::vector<int>& Assignment::solve(const Matrix<double>& cost) {
  eigen_assert(cost.rows() == cost.cols());
  const auto n = static_cast<int>(cost.cols());
  reduce_columns(cost);
  if (n > 1) reduce_rows(cost);
  for (int i = 0; i < n; ++i) {
    if (j_of_[at(i)] < 0) augment(cost, i);
  }
  return j_of_;
}

void Assignment::pair(int i, int j) {
  j_of_[at(i)] = j;
  i_of_[at(j)] = i;
}

// v_j is the smallest cost of j; the i that has it takes j when it is free.
void Assignment::reduce_columns(const Matrix<double>& cost) {
  const auto n = static_cast<int>(cost.cols());
  v_.assign(at(n), std::numeric_limits<double>::infinity());
  j_of_.assign(at(n), -1);
  i_of_.assign(at(n), -1);
  distance_.resize(at(n));
  from_.resize(at(n));
  for (int i = 0; i < n; ++i) {
    const double* row = cost.col(i).data();
    for (int j = 0; j < n; ++j) {
      if (row[j] >= v_[at(j)]) continue;
      v_[at(j)] = row[j];
      from_[at(j)] = i;
    }
  }
  for (int j = 0; j < n; ++j) {
    if (j_of_[at(from_[at(j)])] < 0) pair(from_[at(j)], j);
  }
}

// A free i takes the j it likes best, which becomes dearer by as much as it is better than the
// second best; who had it looks again. This leaves few for the shortest paths.
void Assignment::reduce_rows(const Matrix<double>& cost) {
  const auto n = static_cast<int>(cost.cols());
  later_.clear();
  for (int i = 0; i < n; ++i) {
    if (j_of_[at(i)] < 0) later_.push_back(i);
  }
  constexpr int rounds = 2, turns = 16;
  for (int round = 0; round < rounds; ++round) {
    free_.swap(later_);
    later_.clear();
    // Gains that rounding swallows could go round for ever.
    for (int left = turns * n; !free_.empty(); --left) {
      const int i = free_.back();
      free_.pop_back();
      if (left <= 0) continue;
      const double* row = cost.col(i).data();
      int best = 0, second = 1;
      double least = row[0] - v_[0], next = row[1] - v_[1];
      if (next < least) {
        std::swap(best, second);
        std::swap(least, next);
      }
      for (int j = 2; j < n; ++j) {
        const double reduced = row[j] - v_[at(j)];
        if (reduced >= next) continue;
        second = j;
        next = reduced;
        if (next < least) {
          std::swap(best, second);
          std::swap(least, next);
        }
      }
      int j = best;
      const bool dearer = least < next;
      if (dearer) {
        v_[at(best)] -= next - least;
      } else if (i_of_[at(best)] >= 0) {
        j = second;
      }
      const int before = i_of_[at(j)];
      if (before >= 0) {
        j_of_[at(before)] = -1;
        (dearer ? free_ : later_).push_back(before);
      }
      pair(i, j);
    }
  }
}

// Dijkstra in reduced costs from `free` to the nearest j without a partner, then the pairs along
// the path change over.
void Assignment::augment(const Matrix<double>& cost, int free) {
  const auto n = static_cast<int>(cost.cols());
  waiting_.resize(at(n));
  for (int j = 0; j < n; ++j) waiting_[at(j)] = j;
  std::fill(distance_.begin(), distance_.end(), std::numeric_limits<double>::infinity());
  reached_.clear();
  int i = free, end = -1;
  double length = 0;  // of the shortest path to the j last reached
  while (end < 0) {
    const double* row = cost.col(i).data();
    const int own = j_of_[at(i)];
    const double base = own < 0 ? 0 : length - (row[own] - v_[at(own)]);
    std::size_t nearest = 0;
    for (std::size_t k = 0; k < waiting_.size(); ++k) {
      const int j = waiting_[k];
      const double through = base + (row[j] - v_[at(j)]);
      if (through < distance_[at(j)]) {
        distance_[at(j)] = through;
        from_[at(j)] = i;
      }
      if (distance_[at(j)] < distance_[at(waiting_[nearest])]) nearest = k;
    }
    const int j = waiting_[nearest];
    waiting_[nearest] = waiting_.back();
    waiting_.pop_back();
    length = distance_[at(j)];
    if (i_of_[at(j)] < 0) {
      end = j;
    } else {
      reached_.push_back(j);
      i = i_of_[at(j)];
    }
  }
  for (const int j : reached_) v_[at(j)] += distance_[at(j)] - length;
  for (int j = end; j >= 0;) {  // `free` had none, which ends it
    const int i_before = from_[at(j)];
    const int next = j_of_[at(i_before)];
    pair(i_before, j);
    j = next;
  }
}

void squared_distances(const Matrix<double>& a, const Matrix<double>& b, Matrix<double>& cost) {
  cost.resize(b.cols(), a.cols());
  for (Index i = 0; i < a.cols(); ++i) {
    for (Index j = 0; j < b.cols(); ++j) {
      double sum = 0;
      for (Index d = 0; d < a.rows(); ++d) {
        const double difference = a(d, i) - b(d, j);
        sum += difference * difference;
      }
      cost(j, i) = sum;
    }
  }
}

double squared_wasserstein(const Matrix<double>& a, const Matrix<double>& b) {
  Matrix<double> cost;
  squared_distances(a, b, cost);
  Assignment assignment;
  const std::vector<int>& j_of = assignment.solve(cost);
  double sum = 0;
  for (Index i = 0; i < cost.cols(); ++i) sum += cost(j_of[static_cast<std::size_t>(i)], i);
  return sum / static_cast<double>(cost.cols());
}

}  // namespace neural_ode
