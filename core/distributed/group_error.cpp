#include <bisque/core/distributed/group_error.h>

#include <c10/util/Exception.h>

#include <algorithm>
#include <cstdio>

namespace bisque {

std::string reason_of(const std::exception& error) {
  const auto* torch_error = dynamic_cast<const c10::Error*>(&error);
  std::string text = torch_error ? torch_error->what_without_backtrace() : error.what();
  text = text.substr(0, std::min(text.find('\n'), text.find(". ")));
  // "[../third_party/gloo/gloo/transport/tcp/pair.cc:547] Connection closed by peer [127.0.0.1]:2345"
  if (text.starts_with('[') && text.find("] ") < text.find(' ') + 1) text = text.substr(text.find("] ") + 2);
  while (!text.empty() && (text.back() == '.' || text.back() == ' ')) text.pop_back();
  return text.empty() ? "no reason was given" : text;
}

std::string seconds_text(std::chrono::milliseconds time) {
  char text[32];
  std::snprintf(text, sizeof text, "%.3g s", std::chrono::duration<double>(time).count());
  return text;
}

std::string ranks_text(const std::vector<int64_t>& ranks, int64_t size) {
  constexpr size_t kNamed = 10;
  std::string text = ranks.size() == 1 ? "rank " : "ranks ";
  for (size_t i = 0; i < std::min(ranks.size(), kNamed); ++i) text += (i ? ", " : "") + std::to_string(ranks[i]);
  if (ranks.size() > kNamed) text += " and " + std::to_string(ranks.size() - kNamed) + " more";
  return text + " of " + std::to_string(size);
}

}  // namespace bisque
