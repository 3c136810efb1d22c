package io.nioring.programs;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** The programs that are measured. */
enum Programs {
  /** Netty's HTTP server and client, one request under way. */
  NETTY_HTTP_1(() -> NettyHttp.open(1)),
  /** The same with 64 connections, each with one request under way. */
  NETTY_HTTP_64(() -> NettyHttp.open(64)),
  /** Lettuce with 64 requests under way on one connection, to a Redis server made of Netty. */
  LETTUCE_64(() -> LettuceRedis.open(64)),
  /** Tomcat and the asynchronous client of HttpComponents, 16 requests under way. */
  TOMCAT_16(() -> TomcatHttpComponents.open(16)),
  /** The JDK's HTTP server and client, 16 small GETs under way. */
  JDK_GET_16(() -> JdkHttp.open(16, 0)),
  /** The same with two POSTs of 256 KiB under way whose bodies come back. */
  JDK_POST_2(() -> JdkHttp.open(2, 256 * 1024)),
  /** A unary call of gRPC under way. */
  GRPC_1(() -> Grpc.openUnary(1)),
  /** 64 unary calls of gRPC under way on one connection. */
  GRPC_64(() -> Grpc.openUnary(64)),
  /** Messages of 1 KiB there and back on one gRPC stream, 64 under way. */
  GRPC_STREAM(() -> Grpc.openStream(64)),
  /** Sixteen threads that send 64 bytes over blocking channels, and as many that echo. */
  ECHO_16(() -> BlockingEcho.open(16, BlockingEcho.platformThreads())),
  /** The same with virtual threads, 64 of each. */
  ECHO_VIRTUAL_64(() -> BlockingEcho.open(64, BlockingEcho.virtualThreads())),
  /** A Kafka producer that waits until the broker has each record. */
  KAFKA_ACKS_ALL(KafkaRoundTrip::open),
  /** Statements over JDBC to an H2 server, by plain sockets. */
  H2_JDBC(JdbcStatements::open);

  private static final int FIRST_JDK_WITH_VIRTUAL_THREADS = 21;

  @SuppressWarnings("ImmutableEnumChecker") // lambdas without state
  private final Program program;

  Programs(Program program) {
    this.program = program;
  }

  /** The program of this name. */
  static Programs named(String text) {
    return Arrays.stream(values())
        .filter(program -> program.text().equals(text))
        .findAny()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "no program "
                        + text
                        + "; there are "
                        + Arrays.stream(values())
                            .map(Programs::text)
                            .collect(Collectors.joining(", "))));
  }

  /** The programs that this JDK can run. */
  static List<Programs> runnable() {
    List<Programs> all = new ArrayList<>(List.of(values()));
    if (Runtime.version().feature() < FIRST_JDK_WITH_VIRTUAL_THREADS) {
      all.remove(ECHO_VIRTUAL_64);
    }
    return all;
  }

  String text() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  Program program() {
    return program;
  }

  /** What this program can run on; the platform's sockets come first. */
  List<Wire> wires() {
    return switch (this) {
      case NETTY_HTTP_1, NETTY_HTTP_64, LETTUCE_64, GRPC_1, GRPC_64, GRPC_STREAM ->
          List.of(Wire.PLATFORM, Wire.RING, Wire.HYBRID, Wire.LOCAL);
      default -> List.of(Wire.PLATFORM, Wire.RING, Wire.HYBRID);
    };
  }
}
