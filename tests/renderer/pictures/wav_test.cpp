#include <bisque/renderer/pictures/wav.h>

#include <gtest/gtest.h>

#include <bisque/tests/renderer/pictures/pictures_testing.h>
#include <bisque/tests/testing/bytes.h>
#include <bisque/tests/testing/errors.h>
#include <bisque/tests/testing/temp_folder.h>

namespace bisque {
namespace {

using namespace test;

std::string wav_chunk(const std::string& id, const std::string& data) {
  return id + little_endian(data.size(), 4) + data + std::string(data.size() % 2, '\0');
}

std::string format_data(uint32_t coding, uint32_t channels, uint32_t rate, uint32_t bits) {
  const uint32_t frame = channels * bits / 8;
  return little_endian(coding, 2) + little_endian(channels, 2) + little_endian(rate, 4) +
         little_endian(rate * frame, 4) + little_endian(frame, 2) + little_endian(bits, 2);
}

std::string riff(const std::string& chunks) { return "RIFF" + little_endian(chunks.size() + 4, 4) + "WAVE" + chunks; }

std::string make_wav(uint32_t coding, uint32_t channels, uint32_t rate, uint32_t bits, size_t data_bytes) {
  return riff(wav_chunk("fmt ", format_data(coding, channels, rate, bits)) +
              wav_chunk("data", std::string(data_bytes, '\0')));
}

WavInfo parse(const std::string& bytes) { return wav_info(bytes_of(bytes), "a.wav"); }
std::string error_in(const std::string& bytes) {
  return error_of([&] { parse(bytes); });
}

TEST(Wav, TellsFormatAndLength) {
  const WavInfo info = parse(make_wav(1, 2, 48000, 16, 48000 * 4 * 3 / 2));
  EXPECT_EQ(info.channels, 2);
  EXPECT_EQ(info.sample_rate, 48000);
  EXPECT_EQ(info.bit_depth, 16);
  EXPECT_FALSE(info.is_float);
  EXPECT_EQ(info.num_samples, 72000);
  EXPECT_DOUBLE_EQ(info.seconds(), 1.5);
}

TEST(Wav, ReadsFloatAndExtensible) {
  EXPECT_TRUE(parse(make_wav(3, 1, 44100, 32, 400)).is_float);
  const std::string extension = little_endian(22, 2) + little_endian(24, 2) + little_endian(3, 4) + little_endian(1, 2);
  const std::string format = format_data(0xfffe, 2, 48000, 24) + extension + std::string(14, '\0');
  const WavInfo info = parse(riff(wav_chunk("fmt ", format) + wav_chunk("data", std::string(600, '\0'))));
  EXPECT_FALSE(info.is_float);
  EXPECT_EQ(info.num_samples, 100);
}

TEST(Wav, SkipsOtherChunksOfOddLengthToo) {
  const std::string file =
      riff(wav_chunk("LIST", "odd") + wav_chunk("fmt ", format_data(1, 1, 8000, 8)) + wav_chunk("bext", "x") +
           wav_chunk("data", std::string(80, '\0')) + wav_chunk("id3 ", "tag"));
  EXPECT_EQ(parse(file).num_samples, 80);
}

TEST(Wav, AnUnknownLengthTakesTheRest) {
  for (const uint32_t length : {0xffffffffu, 0u}) {
    const std::string file = riff(wav_chunk("fmt ", format_data(1, 1, 8000, 16)) + "data" + little_endian(length, 4) +
                                  std::string(200, '\0'));
    EXPECT_EQ(parse(file).num_samples, 100);
  }
}

TEST(Wav, IsAgreedOnByAnotherProgram) {
  if (!has_ffmpeg()) GTEST_SKIP() << "ffmpeg is not installed";
  const TempFolder folder;
  output_of("ffmpeg -v error -f lavfi -i sine=sample_rate=44100:duration=1.25 -c:a pcm_s24le " + folder / "a.wav");
  const WavInfo info = read_wav_info(folder / "a.wav");
  EXPECT_EQ(info.num_samples, 55125);
  EXPECT_EQ(info.bit_depth, 24);
  output_of("ffmpeg -v error -i " + folder / "a.wav" + " -f wav - > " + folder / "streamed.wav");
  EXPECT_EQ(read_wav_info(folder / "streamed.wav").num_samples, 55125);
}

TEST(Wav, AnotherFileIsNoWav) {
  for (const std::string file : {"", "RIFF", "RIFX....WAVE", "RIFF....AVI "}) {
    EXPECT_EQ(error_in(file), "a.wav: is not a WAV file, expected RIFF and WAVE in its first 12 bytes.");
  }
}

TEST(Wav, ACutFileIsAnErrorWhereverItIsCut) {
  const std::string whole = make_wav(1, 2, 48000, 16, 64);
  for (size_t size = 0; size < whole.size(); ++size) expect_contains(error_in(whole.substr(0, size)), "a.wav: ");
  EXPECT_EQ(error_in(whole.substr(0, 50)),
            "a.wav: the chunk at byte 36 declares 64 bytes, but 6 follow; the file is truncated.");
  EXPECT_EQ(error_in(whole.substr(0, 40)), "a.wav: has no data chunk.");
}

TEST(Wav, AnImpossibleFormatIsRejected) {
  EXPECT_EQ(error_in(make_wav(2, 1, 8000, 16, 8)), "a.wav: its samples have coding 2, expected 1 (PCM) or 3 (float).");
  expect_contains(error_in(make_wav(1, 0, 8000, 16, 8)), "a.wav: its format of 0 channels, 8000 Hz, 16-bit PCM");
  expect_contains(error_in(make_wav(1, 1, 0, 16, 8)), "1 channels, 0 Hz, 16-bit PCM is not valid");
  expect_contains(error_in(make_wav(1, 1, 8000, 12, 8)), "12-bit PCM");
  expect_contains(error_in(make_wav(3, 1, 8000, 16, 8)), "16-bit float");
  std::string file = make_wav(1, 1, 8000, 16, 8);
  file[32] = 9;
  EXPECT_EQ(error_in(file), "a.wav: its format gives 9 bytes to a sample of all channels, expected 2.");
  EXPECT_EQ(error_in(riff(wav_chunk("fmt ", "short"))), "a.wav: its fmt chunk has 5 bytes, expected 16 or more.");
  EXPECT_EQ(error_in(riff(wav_chunk("fmt ", format_data(0xfffe, 1, 8000, 16)))),
            "a.wav: its extensible fmt chunk has 16 bytes, expected 40.");
}

TEST(Wav, WhatFfmpegCannotEncodeInBoundsIsRejected) {
  for (const uint32_t rate : {1u, 2u, 999u, 1000001u, 0xffffffffu}) {
    EXPECT_EQ(error_in(make_wav(1, 1, rate, 16, 800)),
              "a.wav: its sample rate is " + std::to_string(rate) + " Hz, expected 1000 to 1000000 Hz.");
  }
  for (const uint32_t channels : {9u, 15u, 17u, 255u, 8191u}) {
    EXPECT_EQ(error_in(make_wav(1, channels, 48000, 8, 20000)),
              "a.wav: has " + std::to_string(channels) + " channels, expected 1 to 8, or 16.");
  }
  for (const uint32_t channels : {1u, 8u, 16u})
    EXPECT_EQ(parse(make_wav(1, channels, 1000, 16, 3200)).channels, channels);
  // ffmpeg uses the first format if there are two.
  const std::string two = riff(wav_chunk("fmt ", format_data(1, 1, 1, 8)) +
                               wav_chunk("fmt ", format_data(1, 1, 8000, 8)) + wav_chunk("data", "abcd"));
  expect_contains(error_in(two), "its sample rate is 1 Hz");
}

TEST(Wav, MissingPartsAreNamed) {
  EXPECT_EQ(error_in(riff(wav_chunk("data", "abcd"))), "a.wav: has no fmt chunk before its data chunk.");
  EXPECT_EQ(error_in(riff(wav_chunk("fmt ", format_data(1, 1, 8000, 16)))), "a.wav: has no data chunk.");
  EXPECT_EQ(error_in(make_wav(1, 2, 8000, 16, 2)), "a.wav: holds no samples.");
  EXPECT_EQ(error_in(make_wav(1, 2, 8000, 16, 0)), "a.wav: holds no samples.");
}

}  // namespace
}  // namespace bisque
