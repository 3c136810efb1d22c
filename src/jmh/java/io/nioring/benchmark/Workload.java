package io.nioring.benchmark;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * One part of a benchmark run, which leaves one file of results.
 *
 * @param name names the file
 * @param benchmarks a JMH class, or a method of one, in this package
 * @param parameters what JMH parameters are set to, instead of all the values that their
 *     annotations list
 * @param setting what is special about the virtual machine that runs it
 * @param warmUpFactor how many times as long as others it has to warm up: 1, or more where so much
 *     code takes part that compiling it takes seconds
 */
record Workload(
    String name,
    String benchmarks,
    Map<String, List<String>> parameters,
    Setting setting,
    int warmUpFactor) {

  /** What is special about the virtual machine that runs a workload. */
  enum Setting {
    PLAIN,
    /** Bound to one core, by {@code taskset}. */
    ONE_CORE,
    /** With room for very many channels. */
    LARGE_HEAP
  }

  /** The workloads of a run at this scale, in their order. */
  static List<Workload> of(Scale scale) {
    return switch (scale) {
      case QUICK ->
          Stream.of(
                  plain("ping-pong-one-thread", "PingPongOneThread"),
                  plain("ping-pong-two-threads", "PingPongTwoThreads"),
                  plain("stream", "StreamThroughput").with("messageBytes", "64", "16384"),
                  plain("connect-cycle", "ConnectCycle").warmUp(2),
                  plain("fan-in", "FanIn"),
                  plain("idle-neighbours", "IdleNeighbours"),
                  plain("selector-calls", "SelectorCalls"))
              .map(workload -> workload.with("transport", workload.quickTransports()))
              .toList();
      case FULL -> all("10000", "100", "1000000");
      case SMOKE -> all("100", "10", "1000");
    };
  }

  private static List<Workload> all(String idle, String fewIdle, String mostIdle) {
    return List.of(
        plain("ping-pong-one-thread", "PingPongOneThread"),
        plain("ping-pong-two-threads", "PingPongTwoThreads"),
        plain("ping-pong-one-core", "PingPongTwoThreads").in(Setting.ONE_CORE),
        plain("blocking-echo", "BlockingEcho"),
        plain("stream", "StreamThroughput"),
        plain("large-messages", "LargeMessages"),
        plain("selector-calls", "SelectorCalls"),
        plain("connect-cycle", "ConnectCycle").warmUp(6),
        plain("connect-cycle-hybrid", "ConnectCycle")
            .with("transport", "hybrid-inet", "hybrid-unix", "tcp", "uds")
            .with("threads", "2")
            .warmUp(6),
        plain("accept-loop", "AcceptLoop").warmUp(2),
        plain("fan-in", "FanIn"),
        plain("simulated-ping-pong", "PingPongOneThread")
            .with("transport", "simulated-inet", "ring-inet"),
        plain("simulated-stream", "StreamThroughput")
            .with("transport", "simulated-inet", "ring-inet"),
        plain("simulated-ping-pong-two-threads", "PingPongTwoThreads")
            .with("transport", "simulated-inet", "ring-inet"),
        plain("simulated-plain-ping-pong", "PlainPingPong")
            .with("transport", "simulated-inet", "ring-inet"),
        plain("simulated-asynchronous-ping-pong", "AsynchronousPingPong")
            .with("transport", "simulated-inet", "ring-inet")
            .warmUp(6),
        plain("datagram", "DatagramOneThread"),
        plain("plain-ping-pong", "PlainPingPong"),
        plain("plain-kernel-cost", "PlainPingPong")
            .in(Setting.ONE_CORE)
            .with("transport", "kernel-inet", "tcp")
            .with("threads", "1")
            .warmUp(6), // the compiler has the same core
        plain("plain-connect-cycle", "PlainConnectCycle").warmUp(6),
        plain("asynchronous-ping-pong", "AsynchronousPingPong").warmUp(6),
        plain("idle-neighbours", "IdleNeighbours").with("idle", idle),
        plain("idle-neighbours-ring", "IdleNeighbours")
            .in(Setting.LARGE_HEAP)
            .with("transport", "ring-inet")
            .with("idle", fewIdle, mostIdle),
        plain("kernel-through-hybrid", "KernelThroughHybrid").with("threads", "2"),
        plain("kernel-through-hybrid-cost", "KernelThroughHybrid")
            .in(Setting.ONE_CORE)
            .with("threads", "1"),
        plain("netty-http", "NettyHttp"),
        plain("netty-ping-pong", "NettyPingPong"));
  }

  /** What a quick run does without: rings behave alike whatever their addresses look like. */
  private String[] quickTransports() {
    return name.equals("selector-calls")
        ? new String[] {"ring-inet", "tcp"}
        : new String[] {"ring-inet", "tcp", "uds"};
  }

  private static Workload plain(String name, String benchmarks) {
    return new Workload(name, benchmarks, Map.of(), Setting.PLAIN, 1);
  }

  private Workload in(Setting other) {
    return new Workload(name, benchmarks, parameters, other, warmUpFactor);
  }

  private Workload with(String parameter, String... values) {
    Map<String, List<String>> more = new TreeMap<>(parameters);
    more.put(parameter, List.of(values));
    return new Workload(name, benchmarks, more, setting, warmUpFactor);
  }

  private Workload warmUp(int factor) {
    return new Workload(name, benchmarks, parameters, setting, factor);
  }
}
