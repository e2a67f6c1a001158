#include <bisque/renderer/takes/live_link_packets.h>

#include <zlib.h>

#include <limits>

#include <bisque/renderer/takes/csv_take.h>
#include <bisque/renderer/takes/gzip.h>
#include <bisque/renderer/takes/shape_names.h>

#include <bisque/tests/renderer/takes/take_test_util.h>
#include <bisque/tests/testing/bytes.h>
#include <bisque/tests/testing/errors.h>
#include <bisque/tests/testing/files.h>

namespace bisque {
namespace {

using namespace test;
using take_test::packet;
using take_test::PacketSpec;
using take_test::recorded;
using take_test::recording;

TakeRows parse(const std::string& bytes, const std::optional<FrameRate>& rate = {}) {
  return order_rows(parse_live_link_packets(bytes_of(bytes), "a.packets"), rate, "a.packets");
}
std::string packets_error(const std::string& bytes) {
  return error_of([&] { parse(bytes); });
}
std::string error_in_packet(const std::string& bytes) {
  return error_of([&] { decode_live_link_packet(bytes_of(bytes), "packet"); });
}
std::vector<double> frames_of(const std::vector<PacketSpec>& specs) { return parse(recording(specs)).frames; }

std::string gzipped(const std::string& text) {
  z_stream stream{};
  EXPECT_EQ(deflateInit2(&stream, 9, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY), Z_OK);
  std::string out(deflateBound(&stream, text.size()) + 64, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

std::string gesichter(const std::vector<PacketSpec>& specs, uint32_t count) {
  return gzipped("\x06" + big_endian(count) + recording(specs));
}
TakeRows parse_gesichter(const std::string& bytes) {
  return order_rows(parse_live_link_gesichter(bytes_of(bytes), "a.gesichter"), {}, "a.gesichter");
}
std::string error_in_gesichter(const std::string& bytes) {
  return error_of([&] { parse_gesichter(bytes); });
}

TEST(LiveLinkPacket, DecodesEveryField) {
  const LiveLinkPacket decoded = decode_live_link_packet(
      bytes_of(packet(
          {.frame = -2, .sub_frame = 0.25F, .first = 0.5F, .num = 30000, .den = 1001, .device = "D-1", .subject = ""})),
      "packet");
  EXPECT_EQ(decoded.device_id, "D-1");
  EXPECT_EQ(decoded.subject, "");
  EXPECT_EQ(decoded.frame, -2);
  EXPECT_EQ(decoded.sub_frame, 0.25F);
  EXPECT_EQ(decoded.rate.num, 30000);
  EXPECT_EQ(decoded.rate.den, 1001);
  for (size_t i = 0; i < 61; ++i) EXPECT_EQ(decoded.values[i], 0.5F + static_cast<float>(i));
}

TEST(LiveLinkPacket, RejectsOtherVersionsCountsAndRates) {
  EXPECT_EQ(error_in_packet(packet({.version = 7})), "packet: has packet version 7, expected 6.");
  EXPECT_EQ(error_in_packet(packet({.count = 52})), "packet: has 52 values, expected 61.");
  EXPECT_EQ(error_in_packet(packet({.count = 0})), "packet: has 0 values, expected 61.");
  EXPECT_EQ(error_in_packet(packet({.num = 60, .den = 0})),
            "packet: 60/0 Hz is not a frame rate, expected 1 to 1000 Hz.");
  EXPECT_EQ(error_in_packet(packet({.num = -60, .den = 1})),
            "packet: -60/1 Hz is not a frame rate, expected 1 to 1000 Hz.");
}

TEST(LiveLinkPacket, RejectsNumbersThatAreNotFinite) {
  EXPECT_EQ(error_in_packet(packet({.first = std::numeric_limits<float>::infinity()})),
            "packet: its EyeBlinkLeft is not a finite number.");
  EXPECT_EQ(error_in_packet(packet({.sub_frame = std::numeric_limits<float>::quiet_NaN()})),
            "packet: its sub-frame is not a finite number.");
}

TEST(LiveLinkPacket, RejectsAPacketCutAnywhereOrTooLong) {
  const std::string whole = packet({});
  for (size_t size = 0; size < whole.size(); ++size) {
    EXPECT_NE(error_in_packet(whole.substr(0, size)).find("packet: ends within its "), std::string::npos) << size;
  }
  EXPECT_EQ(error_in_packet(""), "packet: ends within its version, which needs 1 bytes at byte 0 of 0.");
  EXPECT_EQ(error_in_packet(whole + "x"), "packet: has 1 bytes after its values, expected none.");
  EXPECT_EQ(error_in_packet("\x06\xFF\xFF\xFF\xFF"),
            "packet: ends within its device id, which needs 4294967295 bytes at byte 5 of 5.");
}

TEST(LiveLinkPackets, ReadsRowsWithTheirTimesAndRate) {
  const TakeRows rows = parse(recording({{.frame = 7, .sub_frame = 0.25F, .first = 1}, {.frame = 9, .first = 2}}));
  EXPECT_EQ(rows.names, live_link_names());
  EXPECT_EQ(rows.frames, (std::vector<double>{7.25, 9.125}));
  EXPECT_EQ(rows.rate.num, 60);
  EXPECT_FALSE(rows.rate_is_guess);
  EXPECT_EQ(rows.values[0], 1);
  EXPECT_EQ(rows.values[61], 2);
}

TEST(LiveLinkPackets, AGivenRateTakesThePlaceOfTheirs) {
  const std::string bytes = recording({{.frame = 7}});
  const TakeRows rows = parse(bytes, FrameRate{30, 1});
  EXPECT_EQ(rows.rate.num, 30);
  EXPECT_EQ(rows.frames[0], 7.125);
}

TEST(LiveLinkPackets, HoldsTheSubFrameInsideItsFrame) {
  EXPECT_EQ(
      frames_of({{.frame = 1, .sub_frame = -0.5F}, {.frame = 2, .sub_frame = 2.4F}, {.frame = 3, .sub_frame = 1}}),
      (std::vector<double>{1, 2.999, 3.999}));
}

TEST(LiveLinkPackets, SortsPacketsThatOvertookEachOther) {
  const TakeRows rows =
      parse(recording({{.frame = 1, .first = 1}, {.frame = 3, .first = 3}, {.frame = 2, .first = 2}}));
  EXPECT_EQ(rows.frames, (std::vector<double>{1.125, 2.125, 3.125}));
  for (size_t i = 0; i < 3; ++i) EXPECT_EQ(rows.values[61 * i + 60], static_cast<float>(i + 61));
}

TEST(LiveLinkPackets, OfEqualTimesTheLastPacketWins) {
  const TakeRows rows =
      parse(recording({{.frame = 2, .first = 1}, {.frame = 1, .first = 2}, {.frame = 2, .first = 3}}));
  EXPECT_EQ(rows.frames, (std::vector<double>{1.125, 2.125}));
  EXPECT_EQ(rows.values[61], 3);
  EXPECT_EQ(rows.notes[1], "1 row with the time of a later row is replaced by it, the first at packet 1.");
}

TEST(LiveLinkPackets, SortsLatePackets) {
  const TakeRows rows = parse(recording({{.frame = 100}, {.frame = 101}, {.frame = 39}}));
  EXPECT_EQ(rows.frames, (std::vector<double>{39.125, 100.125, 101.125}));
  EXPECT_EQ(rows.notes, std::vector<std::string>{"1 row out of order is sorted by time, the first at packet 3."});
}

TEST(LiveLinkPackets, PassesMidnightAlsoOutOfOrder) {
  const int32_t day = 24 * 3600 * 60;
  EXPECT_EQ(frames_of({{.frame = day - 2}, {.frame = 0}, {.frame = day - 1}, {.frame = 1}}),
            (std::vector<double>{day - 1.875, day - 0.875, day + 0.125, day + 1.125}));
}

TEST(LiveLinkPackets, RejectsMixedRatesSubjectsAndDevices) {
  const std::string first = recording({{}});
  const std::string where = "a.packets: packet 2 at byte " + std::to_string(first.size());
  EXPECT_EQ(packets_error(first + recording({{.num = 30}})),
            where + ": has a rate of 30 Hz, expected 60 Hz as in the first packet.");
  EXPECT_EQ(packets_error(first + recording({{.num = 120, .den = 2}})), "");
  EXPECT_EQ(packets_error(first + recording({{.subject = "an\nother"}})),
            where + ": is of subject \"an\\x0Aother\", expected \"subject\" as in the first packet.");
  EXPECT_EQ(packets_error(first + recording({{.device = "other"}})),
            where + ": is of device \"other\", expected \"device\" as in the first packet.");
}

TEST(LiveLinkPackets, ACutLastPacketIsLeftOut) {
  const std::string whole = recording({{.frame = 1}, {.frame = 2}});
  const size_t half = whole.size() / 2;
  for (size_t size = 0; size < half; ++size) EXPECT_NE(packets_error(whole.substr(0, size)), "") << size;
  for (size_t size = half; size <= whole.size(); ++size) {
    const TakeRows rows = parse(whole.substr(0, size));
    EXPECT_EQ(rows.num_rows(), size == whole.size() ? 2 : 1) << size;
    const bool is_cut = size != half && size != whole.size();
    ASSERT_EQ(rows.notes.size(), is_cut ? 1U : 0U) << size;
    if (is_cut) {
      EXPECT_EQ(rows.notes[0], "The last packet, at byte " + std::to_string(half) + ", is truncated and was dropped.");
    }
  }
  EXPECT_EQ(packets_error(""), "a.packets: holds no packet.");
  EXPECT_EQ(packets_error(whole.substr(0, 10)), "a.packets: packet 1 at byte 0: ends within its bytes, which needs " +
                                                    std::to_string(half - 4) + " bytes at byte 4 of 10.");
}

TEST(LiveLinkPackets, RejectsASizeThatIsNotThePackets) {
  std::string bytes = recorded(packet({}) + "x");
  EXPECT_EQ(packets_error(bytes), "a.packets: packet 1 at byte 0: has 1 bytes after its values, expected none.");
  EXPECT_EQ(packets_error(big_endian(0)),
            "a.packets: packet 1 at byte 0: ends within its version, which needs 1 bytes at byte 0 of 0.");
}

TEST(LiveLinkGesichter, ReadsAsThePackets) {
  const std::vector<PacketSpec> specs{{.frame = 1, .first = 1}, {.frame = 2, .first = 2}};
  const TakeRows rows = parse_gesichter(gesichter(specs, 2));
  const TakeRows plain = parse(recording(specs));
  EXPECT_EQ(rows.values, plain.values);
  EXPECT_EQ(rows.frames, plain.frames);
}

TEST(LiveLinkGesichter, RejectsAnotherCountOrVersion) {
  EXPECT_EQ(error_in_gesichter(gesichter({{}}, 4'000'000'000U)),
            "a.gesichter: declares 4000000000 packets, but has 1.");
  EXPECT_EQ(error_in_gesichter(gzipped("\x05" + big_endian(1) + recording({{}}))),
            "a.gesichter: has file version 5, expected 6.");
  EXPECT_EQ(error_in_gesichter(gzipped("\x06" + big_endian(0))), "a.gesichter (unpacked): holds no packet.");
}

TEST(LiveLinkGesichter, RejectsAFileCutAnywhere) {
  const std::string whole = gesichter({{.frame = 1}}, 1);
  for (size_t size = 0; size < whole.size(); ++size) {
    EXPECT_NE(error_in_gesichter(whole.substr(0, size)), "") << size;
  }
  EXPECT_EQ(error_in_gesichter(whole.substr(0, 40)), "a.gesichter: the gzip data is truncated.");
  EXPECT_EQ(error_in_gesichter("hello, world"), "a.gesichter: is not a gzip file, or is damaged.");
  EXPECT_EQ(error_in_gesichter(whole + "xyz"),
            "a.gesichter: has 3 bytes after the end of its gzip data, expected none.");
}

TEST(LiveLinkGesichter, RejectsADamagedFile) {
  const std::string whole = gesichter({{.frame = 1}}, 1);
  std::string damaged = whole;
  damaged[whole.size() - 6] ^= 1;  // the checksum
  EXPECT_EQ(error_in_gesichter(damaged), "a.gesichter: is not a gzip file, or is damaged.");
}

TEST(Gunzip, StopsAtTheLimit) {
  const std::string text(100'000, '\0');
  const std::string bytes = gzipped(text);
  EXPECT_EQ(gunzip(bytes_of(bytes), "a.gz", text.size()).size(), text.size());
  EXPECT_EQ(error_of([&] { gunzip(bytes_of(bytes), "a.gz", text.size() - 1); }),
            "a.gz: unpacks to more than 99999 bytes, the most that is read.");
}

TEST(LiveLinkPackets, TheRealTakesAgreeInEveryForm) {
  BISQUE_NEEDS_SHARED(folder, "live_link");
  for (const std::string name : {"dao", "debug-all-blendshapes"}) {
    const std::string stem = folder + "/" + name;
    const TakeRows packets = parse(read_file(stem + ".packets"));
    const TakeRows unpacked = parse_gesichter(read_file(stem + ".gesichter"));
    const TakeRows csv = order_rows(parse_csv_take(read_file(stem + ".csv"), "csv"), {}, "csv");
    EXPECT_EQ(packets.num_rows(), name == "dao" ? 180 : 3660);
    EXPECT_EQ(packets.rate.num, 60);
    EXPECT_EQ(packets.frames, unpacked.frames);
    EXPECT_EQ(packets.values, unpacked.values);
    EXPECT_EQ(packets.names, csv.names);
    ASSERT_EQ(packets.values.size(), csv.values.size());
    for (size_t i = 0; i < csv.values.size(); ++i) ASSERT_NEAR(packets.values[i], csv.values[i], 1e-9);
  }
}

}  // namespace
}  // namespace bisque
