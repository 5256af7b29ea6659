#include "http/session.h"

#include <utility>

#include <boost/asio/buffer.hpp>

#include "http/api.h"
#include "http/worker.h"

namespace heare::http {
namespace {

using boost::system::error_code;

/// Answers to pipelined requests are sent in pieces of about this size, so that a client that asks a thousand times for
/// a large answer costs no more memory than one that reads each.
constexpr size_t kOutputBytes = size_t{64} * 1024;

bool would_block(const error_code& error) {
  return error == boost::asio::error::would_block || error == boost::asio::error::try_again;
}

}  // namespace

Session::Session(Socket socket, Worker& worker) : socket_(std::move(socket)), worker_(worker) {}

void Session::start() {
  worker_.begin_turn();
  error_code error;
  const auto peer = socket_.remote_endpoint(error);
  if (!error) socket_.non_blocking(true, error);
  if (error) {  // It has gone already.
    close();
    return settle();
  }
  peer_address_ = peer.address().to_string();
  // Answers are whole when they are written: waiting for more to send would only delay them.
  socket_.set_option(boost::asio::ip::tcp::no_delay(true), error);
  enter(Phase::fresh, worker_.now() + worker_.timeouts().idle);
  read();
}

// --- Requests and answers

void Session::serve() {
  bool sent = true;
  do {
    answer_buffered();
    sent = send();
  } while (sent && next_ == Next::answer_more && !closed_);
  // After the answers: nobody waits for the log.
  worker_.schedule_log_flush();
  if (sent) proceed();
}

void Session::proceed() {
  if (closed_) return;
  switch (next_) {
    case Next::answer_more:
      return serve();
    case Next::refresh:
      return wait_for_refresh();
    case Next::close:
      return linger();
    case Next::read:
      break;
  }
  if (phase_ == Phase::idle && worker_.draining()) return last_call();
  read();
}

void Session::answer_buffered() {
  worker_.output().clear();
  next_ = Next::answer_more;
  while (next_ == Next::answer_more && worker_.output().size() < kOutputBytes) {
    const auto outcome = reader_.read(input_.view());
    if (const auto* const more = std::get_if<NeedMore>(&outcome)) {
      await_more(*more);
    } else if (const auto* const refused = std::get_if<Refused>(&outcome)) {
      refuse_and_close(*refused);
    } else {
      answer(std::get<Ready>(outcome));
    }
  }
}

void Session::answer(const Ready& ready) {
  phase_ = Phase::answering;
  Request request = ready.request;
  request.peer_address = peer_address_;
  const Action action = worker_.api().handle(request, worker_.request_context(), worker_.response());
  worker_.time_verifications();
  wish_ = {.keep_alive = ready.keep_alive, .http_1_0 = ready.http_1_0, .is_head = request.method == "HEAD"};
  input_.consume(ready.consumed);
  reader_.next();
  if (action == Action::refresh) {
    next_ = Next::refresh;
  } else {
    append_answer(wish_);
  }
}

void Session::await_more(const NeedMore& more) {
  if (more.drop_count > 0) input_.drop(more.drop_at, more.drop_count);
  if (more.wants_continue) worker_.output() += "HTTP/1.1 100 Continue\r\n\r\n";
  next_ = Next::read;
  const Timeouts& timeouts = worker_.timeouts();
  switch (more.part) {
    case NeedMore::Part::start:
      return enter(Phase::idle, worker_.now() + timeouts.idle);
    case NeedMore::Part::header:
      if (phase_ != Phase::header) enter(Phase::header, worker_.now() + timeouts.header);
      return;
    case NeedMore::Part::body:
      if (phase_ != Phase::body) enter(Phase::body, worker_.now() + timeouts.body);
      return;
  }
}

void Session::enter(Phase phase, SteadyTime deadline) {
  phase_ = phase;
  deadline_ = deadline;
}

void Session::append_answer(const Wish& wish) {
  // While the service stops, each answer closes its connection; but a request of which bytes have been read already is
  // answered as well.
  const bool keep = wish.keep_alive && !(worker_.stopping() && input_.empty());
  std::string_view connection;
  if (!keep) {
    connection = "close";
    next_ = Next::close;
  } else if (wish.http_1_0) {
    connection = "keep-alive";
  }
  append_response(
      worker_.output(), worker_.response(),
      {.date = worker_.times().http_date(worker_.wall_now()), .connection = connection, .head_only = wish.is_head});
}

void Session::refuse_and_close(const Refused& refused) {
  phase_ = Phase::answering;
  refusal(refused, worker_.response());
  append_answer({.keep_alive = false, .http_1_0 = false, .is_head = reader_.is_head()});
}

void Session::wait_for_refresh() {
  phase_ = Phase::refreshing;
  refreshing_ = true;
  refresh_began_ = worker_.now();
  worker_.refresh(*this);
}

void Session::on_refreshed(const Result<size_t>& keys_loaded) {
  worker_.begin_turn();
  refreshing_ = false;
  worker_.count_refresh(keys_loaded.has_value(), worker_.now() - refresh_began_);
  if (!closed_) {
    phase_ = Phase::answering;
    worker_.api().refresh_answer(keys_loaded, worker_.wall_now(), worker_.response());
    worker_.output().clear();
    next_ = Next::answer_more;
    append_answer(wish_);
    if (send()) proceed();
  }
  settle();
}

void Session::abandon_refresh() {
  if (refreshing_) on_refreshed(fail(ErrorCode::unavailable, "the service is stopping"));
}

// --- Reading

void Session::read() {
  reading_ = true;
  const auto room = input_.prepare();
  socket_.async_read_some(boost::asio::buffer(room.data(), room.size()), [this](const error_code& error, size_t count) {
    reading_ = false;
    if (!closed_) on_read(error, count);
    settle();
  });
}

void Session::on_read(const error_code& error, size_t count) {
  worker_.begin_turn();
  if (next_ == Next::close) return on_discarded(error, count);
  if (std::exchange(last_call_, false) && error == boost::asio::error::operation_aborted) return last_call();
  // The client has gone; an unfinished request needs no answer.
  if (error) return close();
  input_.commit(count);
  serve();
}

void Session::on_discarded(const error_code& error, size_t count) {
  discarded_bytes_ += count;
  // It sends no more, but may still read: `linger` follows the answer that is being sent.
  if (error == boost::asio::error::eof && writing_) return;
  if (error || discarded_bytes_ > kLingerBytesMax) return close();
  input_.clear();
  read();
}

void Session::last_call() {
  const auto room = input_.prepare();
  error_code error;
  const size_t count = socket_.read_some(boost::asio::buffer(room.data(), room.size()), error);
  if (error) return close();
  input_.commit(count);
  serve();
}

// --- Writing

bool Session::send() {
  const std::string& output = worker_.output();
  if (output.empty()) return true;
  error_code error;
  const size_t count = socket_.write_some(boost::asio::buffer(output), error);
  if (error && !would_block(error)) {
    close();
    return true;
  }
  if (!error && count == output.size()) return true;
  unsent_.assign(output, error ? 0 : count);
  unsent_position_ = 0;
  write_deadline_ = worker_.now() + worker_.timeouts().write;
  send_rest();
  return false;
}

void Session::send_rest() {
  writing_ = true;
  const auto rest = boost::asio::buffer(unsent_) + unsent_position_;
  socket_.async_write_some(rest, [this](const error_code& error, size_t count) {
    writing_ = false;
    if (!closed_) on_sent(error, count);
    settle();
  });
}

void Session::on_sent(const error_code& error, size_t count) {
  worker_.begin_turn();
  if (error) return close();
  unsent_position_ += count;
  if (unsent_position_ < unsent_.size()) return send_rest();
  // Assigning an empty text would keep the memory.
  unsent_.clear();
  unsent_.shrink_to_fit();
  proceed();
}

// --- The end

void Session::linger() {
  enter(Phase::lingering, worker_.now() + worker_.timeouts().linger);
  error_code error;
  socket_.shutdown(Socket::shutdown_send, error);
  if (error) return close();
  if (reading_) return;
  input_.clear();
  read();
}

void Session::check_deadline(SteadyTime now) {
  if (closed_) return;
  if (writing_) {
    if (now >= write_deadline_) close();
  } else if (phase_ != Phase::refreshing && now >= deadline_) {
    if (phase_ == Phase::header || phase_ == Phase::body) {
      worker_.output().clear();
      refuse_and_close(refuse(408));
      if (send()) proceed();
    } else {
      close();
    }
  }
  settle();
}

void Session::close_if_idle(Idle which) {
  const bool idle = phase_ == Phase::idle || (phase_ == Phase::fresh && which == Idle::also_before_the_first);
  if (closed_ || !idle || !reading_) return;
  last_call_ = true;
  error_code error;
  socket_.cancel(error);
}

void Session::make_room(SteadyTime now) {
  // Where no request has begun, the deadline is that of an idle connection.
  const SteadyTime idle_since = deadline_ - worker_.timeouts().idle;
  if (now >= idle_since + worker_.timeouts().idle_when_full) close_if_idle(Idle::also_before_the_first);
}

void Session::close() {
  closed_ = true;
  error_code error;
  socket_.close(error);
}

void Session::settle() {
  if (closed_ && !reading_ && !writing_ && !refreshing_) worker_.remove(*this);
}

}  // namespace heare::http
