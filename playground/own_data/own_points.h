// Classified points that a person drew or pasted.
#pragma once

#include <string>
#include <string_view>

#include "engine/core/result.h"
#include "engine/data/labelled_points.h"
#include "playground/contract/experiment.h"
#include "playground/own_data/undo_stack.h"

namespace neural_ode {

class OwnPoints {
 public:
  const LabelledPoints& points() const { return points_; }
  Status edit(const Edit& edit);
  Status set(std::string_view csv);
  std::string csv() const;
  // Why these points cannot be trained on yet, and what to do; ok when they can.
  Status check() const;

 private:
  LabelledPoints points_{Matrix<double>(2, 0), {}};
  UndoStack<LabelledPoints> undo_;
};

}  // namespace neural_ode
