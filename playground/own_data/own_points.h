// Classified points that a person drew or pasted.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "engine/core/result.h"
#include "engine/data/csv.h"
#include "engine/data/labelled_points.h"
#include "playground/contract/experiment.h"
#include "playground/own_data/undo_stack.h"

namespace neural_ode {

class OwnPoints {
 public:
  const LabelledPoints& points() const { return table_.points; }
  Status edit(const Edit& edit);
  std::size_t edits() const { return undo_.size(); }  // that undo can take back
  // What the table's text was read as: see engine/data/csv.h. What there was stays on an error.
  Result<std::string> set(Result<Reading<PointTable>> read);
  const std::string& csv() const;
  // Why these points cannot be trained on yet, and what to do; ok when they can.
  Status check() const;

 private:
  void remember();

  PointTable table_{{Matrix<double>(2, 0), {}}};
  UndoStack<PointTable> undo_;
  mutable std::optional<std::string> csv_;  // of the table as it is
};

}  // namespace neural_ode
