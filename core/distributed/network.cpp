#include <bisque/core/distributed/network.h>

#include <ifaddrs.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <set>

#include <bisque/core/error.h>

namespace bisque {
namespace {

/// Connecting a datagram socket sends nothing: it only looks up the route. Empty, with errno, if there is none.
std::string local_address(const addrinfo& to) {
  const int fd = ::socket(to.ai_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return "";
  sockaddr_storage local{};
  socklen_t length = sizeof local;
  auto* address = reinterpret_cast<sockaddr*>(&local);
  char text[NI_MAXHOST] = "";
  if (::connect(fd, to.ai_addr, to.ai_addrlen) == 0 && ::getsockname(fd, address, &length) == 0) {
    ::getnameinfo(address, length, text, sizeof text, nullptr, 0, NI_NUMERICHOST);
  }
  const int error = errno;
  ::close(fd);
  errno = error;
  return text;
}

}  // namespace

std::string local_address_towards(const std::string& host, uint16_t port) {
  addrinfo hints{}, *list = nullptr;
  hints.ai_socktype = SOCK_DGRAM;
  const int code = ::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &list);
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner(list, &::freeaddrinfo);
  if (code != 0) {
    fail("init_process_group: MASTER_ADDR is \"", host, "\", which cannot be resolved (", ::gai_strerror(code),
         "); expected the name or address of the machine of rank 0.");
  }
  for (const addrinfo* to = list; to; to = to->ai_next) {
    if (std::string address = local_address(*to); !address.empty()) return address;
  }
  fail("init_process_group: there is no route to MASTER_ADDR, which is \"", host, "\" (", std::strerror(errno),
       "); expected the name or address of the machine of rank 0.");
}

std::string default_route_address() {
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(9);
  to.sin_addr.s_addr = htonl(0xc0000201);  // 192.0.2.1, which is in no network
  addrinfo info{};
  info.ai_family = AF_INET;
  info.ai_addr = reinterpret_cast<sockaddr*>(&to);
  info.ai_addrlen = sizeof to;
  return local_address(info);
}

std::string interface_names() {
  ifaddrs* list = nullptr;
  if (::getifaddrs(&list) != 0) return "";
  const std::unique_ptr<ifaddrs, decltype(&::freeifaddrs)> owner(list, &::freeifaddrs);
  std::set<std::string> names;
  for (const ifaddrs* each = list; each; each = each->ifa_next) {
    const int family = each->ifa_addr ? each->ifa_addr->sa_family : AF_UNSPEC;
    if (family == AF_INET || family == AF_INET6) names.insert(each->ifa_name);
  }
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

bool is_loopback(const std::string& address) { return address.starts_with("127.") || address == "::1"; }

}  // namespace bisque
