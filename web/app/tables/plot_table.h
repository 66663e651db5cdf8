// The numbers behind a plot, as columns: what the page shows in place of the picture and puts on
// the clipboard.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "playground/picture/frame.h"

namespace neural_ode::web {

struct TableColumn {
  std::string name;              // "jump ODE", "observed t"
  const Layer* layer = nullptr;  // whose numbers these are; null: shared by those that follow
  std::vector<float> values;     // NaN: none
  int decimals = 0;              // as a person reads them; -1: with a power of ten
  int characters = 0;            // of the widest number, read so
};

struct PlotTable {
  std::vector<TableColumn> columns;
  std::size_t rows = 0;            // of the longest column
  std::vector<std::string> notes;  // on what has no rows: "density: a grid of 64 × 64, 0 to 1.5"
};

// Curves, bands, histograms and paths over the same x share its column. Every other layer brings
// its own: points their coordinates, paths in a plane or in space a number and a time beside them,
// fields their directions. The columns point into `layers`.
PlotTable table_of(const Plot& plot, const std::vector<const Layer*>& layers);

// Empty where the column has ended, "—" where a value is missing.
std::string cell_text(const TableColumn& column, std::size_t row);

// With a row of names, as RFC 4180 has it but for the line ends; every number in the shortest
// decimal that reads back to the same float, and nothing where there is none.
std::string csv_of(const PlotTable& table);

}  // namespace neural_ode::web
