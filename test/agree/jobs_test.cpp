// Small and random policies for another machine's kernel: programs, events and the BPF interpreter's answers, for
// test/agree/aarch64.
//
// Written to the file that SBPC_AGREE_JOBS names: for each job, in the byte order of a little-endian machine, the
// number of instructions and of events (uint64_t), the instructions (struct sock_filter), the events (struct
// probe_event) and the words (uint32_t, an even number).
#include <gtest/gtest.h>

#include <array>
#include <cstdlib>
#include <fstream>
#include <random>

#include "agree/product.h"
#include "agree/random_policy.h"
#include "agree/small_policies.h"
#include "bpf/encode.h"
#include "bpf/interpret.h"
#include "probe.h"

namespace sbpc::agree {
namespace {

using target::SeccompData;

template <class T>
void put(std::ofstream& out, const T& value) {
  out.write(reinterpret_cast<const char*>(&value), sizeof value);
}

void put_job(std::ofstream& out, const bpf::Insns& insns, const std::vector<SeccompData>& events) {
  const std::vector<uint8_t> bytes = bpf::encode(insns, false);
  put(out, uint64_t{insns.size()});
  put(out, uint64_t{events.size()});
  out.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  for (const SeccompData& data : events) {
    probe_event event{data.arch, data.nr, {}};
    std::copy(std::begin(data.args), std::end(data.args), event.args);
    put(out, event);
  }
  for (const SeccompData& data : events) put(out, bpf::interpret(insns, data, false).word);
  if (events.size() % 2 != 0) put(out, uint32_t{0});
}

TEST(Jobs, AreWrittenForAnotherKernel) {
  const char* path = std::getenv("SBPC_AGREE_JOBS");
  if (path == nullptr) GTEST_SKIP() << "SBPC_AGREE_JOBS names no file: ./dev agree --qemu-aarch64 does";
  static constexpr std::array kAbis{target::Abi::aarch64};
  const std::vector<SeccompData> events = small_events(kAbis);
  std::ofstream out(path, std::ios::binary);
  size_t index = 0;
  for (const SmallPolicy& policy : small_policies("aarch64")) {
    SCOPED_TRACE(policy.text);
    const char* level = ++index % 2 ? "-O2" : index % 4 ? "-O1" : "-O0";
    const bpf::Insns insns = compile_text(policy.text, {level});
    ASSERT_FALSE(insns.empty());
    put_job(out, insns, events);
  }
  const uint64_t seed = std::random_device{}();
  printf("first seed %llu\n", static_cast<unsigned long long>(seed));
  for (uint64_t i = 0; i < 40; ++i) {
    const RandomPolicy policy = random_policy(seed + i, target::Abi::aarch64, 2000);
    const bpf::Insns insns = compile_text(text_of(policy), {i % 2 ? "-O2" : "-Os"});
    ASSERT_FALSE(insns.empty()) << text_of(policy);
    put_job(out, insns, policy.events);
  }
  ASSERT_TRUE(out.flush().good());
}

}  // namespace
}  // namespace sbpc::agree
