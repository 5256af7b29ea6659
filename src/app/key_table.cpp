#include "app/key_table.h"

#include <algorithm>
#include <array>
#include <string_view>

#include <fmt/format.h>

#include "app/colour.h"
#include "app/display_text.h"

namespace heare::app {
namespace {

/// Where nothing is cut, a name that is longer pushes its own line to the right, not the whole table.
constexpr size_t kColumnMax = 40;
constexpr std::string_view kGap = "  ";
constexpr std::string_view kRule = "━";

enum Column : size_t { name, id, type, created, status, column_count };
using Cells = std::array<std::string_view, column_count>;
/// Of each column; one that has none is left out, with its gap.
using Widths = std::array<size_t, column_count>;

constexpr Cells kTitles = {"Name", "Key ID", "Type", "Created", "Status"};

/// How a table that is too wide gets narrower: one step after the other, each as far as needed.
struct Step {
  Column column;
  size_t least;
};
constexpr size_t kDateWidth = 11;  // 2026-01-20…
constexpr Step kSteps[] = {{created, kDateWidth}, {name, 24}, {type, 6}, {name, 12}, {type, 0}, {name, 6}, {id, 6},
                           {created, 0}};

Cells cells_of(const KeyRow& row) {
  return {row.name, row.id, row.type, row.created, row.status};
}

Widths natural_widths(const std::vector<KeyRow>& rows, size_t width_max) {
  Widths widths{};
  const auto widen = [&](const Cells& cells) {
    for (size_t i = 0; i < cells.size(); ++i)
      widths[i] = std::max(widths[i], std::min(columns_of(cells[i]), width_max));
  };
  widen(kTitles);
  for (const KeyRow& row : rows) widen(cells_of(row));
  const bool all_active = std::ranges::all_of(rows, [](const KeyRow& row) { return row.status == "active"; });
  if (all_active) widths[status] = 0;
  return widths;
}

size_t total_of(const Widths& widths) {
  size_t total = 0;
  for (const size_t width : widths) total += width == 0 ? 0 : width + kGap.size();
  return total - kGap.size();
}

void narrow(Widths& widths, size_t columns) {
  for (const Step& step : kSteps) {
    const size_t total = total_of(widths);
    if (total <= columns) return;
    size_t& width = widths[step.column];
    if (width <= step.least) continue;
    const size_t least_cut = width - step.least;
    // Half a type tells nothing: it goes as a whole.
    width = step.least == 0 ? 0 : width - std::min(total - columns, least_cut);
  }
}

/// A line is at most so wide even where every column is as narrow as it can be.
std::string line_of(const Cells& cells, const Widths& widths, const TableStyle& style) {
  std::string line;
  size_t pending = 0;
  for (size_t i = 0; i < cells.size(); ++i) {
    if (widths[i] == 0) continue;
    line.append(pending, ' ');
    const std::string cell = style.columns == 0 ? std::string(cells[i]) : cut_to_columns(cells[i], widths[i]);
    line += cell;
    const size_t width = columns_of(cell);
    pending = widths[i] - std::min(width, widths[i]) + kGap.size();
  }
  return style.columns == 0 ? line : cut_to_columns(line, style.columns);
}

std::string with_coloured_status(std::string line, std::string_view status) {
  const Colour colour = colour_of_status(status);
  if (colour == Colour::none || !line.ends_with(status)) return line;
  line.resize(line.size() - status.size());
  return line + in_colour(status, colour);
}

std::string repeated(std::string_view text, size_t times) {
  std::string out;
  for (size_t i = 0; i < times; ++i) out += text;
  return out;
}

}  // namespace

std::string key_table(const std::vector<KeyRow>& rows, const TableStyle& style) {
  if (rows.empty()) return "No API keys found.\n";
  Widths widths = natural_widths(rows, style.columns == 0 ? kColumnMax : style.columns);
  if (style.columns > 0) narrow(widths, style.columns);
  const size_t total = total_of(widths);

  const std::string rule = repeated(kRule, style.columns == 0 ? total : std::min(total, style.columns)) + "\n";
  std::string table = rule + line_of(kTitles, widths, style) + "\n" + rule;
  for (const KeyRow& row : rows) {
    const std::string line = line_of(cells_of(row), widths, style);
    table += (style.colours ? with_coloured_status(line, row.status) : line) + "\n";
  }
  return table + rule + fmt::format("Total: {} keys\n", rows.size());
}

}  // namespace heare::app
