package io.nioring.benchmark;

import java.util.List;
import java.util.stream.Stream;

/**
 * A measurement that is a program of its own, since it asks for a virtual machine that has done
 * nothing else.
 *
 * @param name what it is asked for by
 * @param main the class
 * @param arguments of its {@code main}
 */
record Program(String name, Class<?> main, List<String> arguments) {
  /** The programs of a run at this scale, in their order. */
  static List<Program> of(Scale scale) {
    return switch (scale) {
      case SMOKE ->
          List.of(
              idle("ring-inet", "1000"),
              table("inet", "1000", "1"),
              recorder("1"),
              capture(System.getProperty("java.io.tmpdir"), "0.05"));
      case QUICK -> List.of(idle("ring-inet", "10000"), idle("tcp", "10000"));
      case FULL ->
          Stream.concat(
                  Stream.of("ring-inet", "ring-unix", "tcp", "uds")
                      .map(each -> idle(each, "10000")),
                  Stream.of(
                      idle("ring-inet", "100000"),
                      idle("ring-inet", "1000000"),
                      table("inet", "100000", "40"),
                      table("unix", "100000", "40"),
                      recorder("60"),
                      recorder("60"),
                      recorder("60"),
                      capture("/dev/shm", "4")))
              .toList();
    };
  }

  private static Program idle(String transport, String count) {
    return new Program("idle-connections", IdleConnections.class, List.of(transport, count));
  }

  private static Program table(String family, String connections, String windows) {
    return new Program("socket-table", SocketTable.class, List.of(family, connections, windows));
  }

  private static Program recorder(String batches) {
    return new Program("recorder-cost", RecorderCost.class, List.of(batches));
  }

  private static Program capture(String folder, String seconds) {
    return new Program("capture-cost", CaptureCost.class, List.of(folder, seconds));
  }
}
