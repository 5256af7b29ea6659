#include "json/escape.h"
#include "json/reader.h"

namespace heare::json {

Type Value::type() const {
  return reader_ != nullptr ? reader_->nodes_[index_].type : Type::null;
}

std::string_view Value::raw() const {
  if (reader_ == nullptr) return {};
  const Reader::Node& node = reader_->nodes_[index_];
  return reader_->text_.substr(node.begin, node.end - node.begin);
}

bool Value::is_true() const {
  return type() == Type::boolean && raw().front() == 't';
}

std::string_view Value::text(std::string& scratch) const {
  if (!is_string()) return {};
  std::string_view rest = raw();
  rest = rest.substr(1, rest.size() - 2);
  if (!reader_->nodes_[index_].escaped) return rest;
  scratch.clear();
  for (size_t plain = rest.find('\\'); plain != std::string_view::npos; plain = rest.find('\\')) {
    scratch.append(rest.substr(0, plain));
    rest.remove_prefix(plain);
    const Escape escape = read_escape(rest);
    append_utf8(scratch, escape.character);
    rest.remove_prefix(escape.length);
  }
  scratch.append(rest);
  return scratch;
}

Value Value::find(std::string_view name) const {
  if (!is_object()) return {};
  const std::vector<Reader::Node>& nodes = reader_->nodes_;
  std::string scratch;
  Value found;
  // A name's node is followed by its value's, whose `after` is the next name.
  for (uint32_t at = index_ + 1; at < nodes[index_].after; at = nodes[at + 1].after) {
    const Reader::Node& node = nodes[at];
    const std::string_view plain = reader_->text_.substr(node.begin + 1, node.end - node.begin - 2);
    if ((node.escaped ? Value(reader_, at).text(scratch) : plain) == name) found = Value(reader_, at + 1);
  }
  return found;
}

Value Value::first() const {
  if (!is_object() && !is_array()) return {};
  const Reader::Node& node = reader_->nodes_[index_];
  if (node.after == index_ + 1) return {};
  return {reader_, is_object() ? index_ + 2 : index_ + 1};
}

Value Value::next() const {
  if (reader_ == nullptr) return {};
  const Reader::Node& node = reader_->nodes_[index_];
  // The root is followed by nothing, without being marked.
  if (node.is_last || node.after == reader_->nodes_.size()) return {};
  return {reader_, reader_->nodes_[node.after].is_name ? node.after + 1 : node.after};
}

Value Value::name() const {
  if (reader_ == nullptr || index_ == 0) return {};
  // A name is always followed by its own value, so what precedes an array's element is never one.
  if (!reader_->nodes_[index_ - 1].is_name) return {};
  return {reader_, index_ - 1};
}

}  // namespace heare::json
