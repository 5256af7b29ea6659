#pragma once

#include <list>
#include <string>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include "base/clock.h"
#include "base/error.h"
#include "http/input_buffer.h"
#include "http/message.h"
#include "http/request_reader.h"

namespace heare::http {

class Worker;

/// The concrete executor spares every operation an indirection.
using Socket = boost::asio::basic_stream_socket<boost::asio::ip::tcp, boost::asio::io_context::executor_type>;

/// One connection: reads requests, answers those that have arrived together with one write, and keeps to the deadlines.
/// Lives on its worker's event loop; removes itself from the worker once it is closed and no operation is under way.
class Session {
 public:
  Session(Socket socket, Worker& worker);

  /// Begins to read.
  void start();

  /// Acts where a deadline has passed: an unfinished request is answered with 408, everything else is closed.
  void check_deadline(SteadyTime now);

  enum class Idle { between_requests, also_before_the_first };
  /// Closes the connection where no request has begun; bytes that wait in the socket are read and answered first.
  void close_if_idle(Idle which);

  /// The same for one that has been so for longer than it may be while every place is taken.
  void make_room(SteadyTime now);

  /// The load that POST /refresh has asked for is over.
  void on_refreshed(const Result<size_t>& keys_loaded);

  /// The time to stop is up: who waits for a load is told so.
  void abandon_refresh();

  /// Where the worker's list has it.
  std::list<Session>::iterator self;

 private:
  enum class Phase {
    fresh,       ///< connected, no byte yet
    idle,        ///< between two requests
    header,      ///< a head has begun
    body,        ///< a body is awaited
    answering,   ///< a request is whole, its answer not yet sent
    refreshing,  ///< waits for a load
    lingering,   ///< the last answer is sent; waits for the client to close
  };
  /// What comes once the answers at hand are sent.
  enum class Next { read, answer_more, refresh, close };
  /// What the answer to the request at hand depends on.
  struct Wish {
    bool keep_alive;
    bool http_1_0;
    bool is_head;
  };

  void serve();
  void proceed();
  /// Appends the answers to all requests that are whole, and says what comes next.
  void answer_buffered();
  void answer(const Ready& ready);
  void await_more(const NeedMore& more);
  void enter(Phase phase, SteadyTime deadline);
  /// Appends the worker's response; the connection goes on or not as `wish` and the stopping of the service say.
  void append_answer(const Wish& wish);
  void refuse_and_close(const Refused& refused);

  void read();
  void on_read(const boost::system::error_code& error, size_t count);
  void on_discarded(const boost::system::error_code& error, size_t count);
  /// Reads what waits in the socket, or closes where nothing does.
  void last_call();
  /// Sends the worker's output. False where it does not go at once: then `proceed` follows.
  bool send();
  void send_rest();
  void on_sent(const boost::system::error_code& error, size_t count);
  void wait_for_refresh();
  void linger();
  void close();
  /// At the end of each entry from the event loop: *this may be gone afterwards.
  void settle();

  Socket socket_;
  Worker& worker_;
  std::string peer_address_;

  RequestReader reader_;
  InputBuffer input_;
  /// What the socket did not take at once, and how much of it is sent. Empty as a rule: answers are put together in the
  /// worker's memory.
  std::string unsent_;
  size_t unsent_position_ = 0;

  Phase phase_ = Phase::fresh;
  Next next_ = Next::read;
  Wish wish_{};
  SteadyTime deadline_;
  SteadyTime write_deadline_;
  SteadyTime refresh_began_;
  size_t discarded_bytes_ = 0;

  // --- Operations under way, which point here
  bool reading_ = false;
  bool writing_ = false;
  bool refreshing_ = false;

  bool last_call_ = false;
  bool closed_ = false;
};

}  // namespace heare::http
