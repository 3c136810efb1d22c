package io.nioring.observe;

import io.nioring.RingNetwork;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicLong;

/** The captures of a network that were started by JMX; its close ends them. Thread-safe. */
final class ManagedCaptures {
  private final RingNetwork network;
  private final AtomicLong numbers = new AtomicLong();
  private final Map<Long, Capture> running = new ConcurrentSkipListMap<>();

  ManagedCaptures(RingNetwork network) {
    this.network = network;
  }

  /** Starts one; see {@link RingNetworkMXBean#startCapture}. */
  long start(String words) throws IOException {
    CaptureWords asked = CaptureWords.parse(words);
    Capture capture = Capture.start(network, asked.file(), asked.options());
    long number = numbers.incrementAndGet();
    running.put(number, capture);
    return number;
  }

  /** Ends one; see {@link RingNetworkMXBean#stopCapture}. */
  String stop(long number) {
    Capture capture = running.remove(number);
    if (capture == null) {
      return "";
    }
    capture.close();
    return capture.toString();
  }

  /** Those that were not stopped, also if they have failed. */
  List<String> list() {
    return running.entrySet().stream().map(each -> each.getKey() + " " + each.getValue()).toList();
  }
}
