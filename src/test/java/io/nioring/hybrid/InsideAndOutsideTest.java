package io.nioring.hybrid;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Programs with the flag alone, in a JVM of their own, whose servers are asked from inside and from
 * outside at once. Outside is this JVM, whose channels are the platform's, and curl where there is
 * one.
 */
class InsideAndOutsideTest {
  private static final long REQUESTS = (long) Load.THREADS * Load.REQUESTS;
  private static final int CURLS = 10;

  @TempDir Path directory;

  @Test
  void anHttpServerServesBothWhileItsProgramAsksAnOutsideServer() throws Exception {
    Served here = new Served(Load.THREADS);
    try (HttpEcho outside = new HttpEcho(here);
        OtherJvm program =
            OtherJvm.start(
                directory,
                InetHttpProgram.class,
                List.of(OtherJvm.FLAG),
                Integer.toString(outside.port()))) {
      int port = Integer.parseInt(program.readLine());
      Load load = Load.ofPort(port, "outside");
      int curls = curl("http://127.0.0.1:" + port + "/echo");
      load.await();
      program.writeLine("end");
      Map<String, Long> report = program.report();

      assertServed(report, curls);
      assertThat(report.get("kernelConnections"))
          .as("only those to the server outside")
          .isEqualTo(here.connections("other"));
    }
  }

  @Test
  void anHttpServerAtAUnixPathServesBoth() throws Exception {
    Path path = directory.resolve("http.sock");
    try (OtherJvm program =
        OtherJvm.start(directory, UnixHttpProgram.class, List.of(OtherJvm.FLAG), path.toString())) {
      assertThat(program.readLine()).isEqualTo(path.toString());
      Load load = Load.ofPath(path, "outside");
      int curls = curl("http://localhost/echo", "--unix-socket", path.toString());
      load.await();
      program.writeLine("end");
      Map<String, Long> report = program.report();

      assertServed(report, curls);
      assertThat(report.get("kernelConnections")).isZero();
    }
  }

  private int curl(String url, String... options) throws Exception {
    Optional<Curl> curl = Curl.find(directory);
    if (curl.isEmpty()) {
      return 0; // a machine without one: this JVM is outside enough
    }
    for (int i = 0; i < CURLS; i++) {
      curl.get().echo(url, i, options);
    }
    return CURLS;
  }

  /** Every request once, and each over the way that is its place's. */
  private static void assertServed(Map<String, Long> report, int curls) {
    assertThat(report)
        .containsEntry("inside.requests", REQUESTS)
        .containsEntry("inside.bytes", bytes("inside"))
        .containsEntry("outside.requests", REQUESTS)
        .containsEntry("outside.bytes", bytes("outside"));
    assertThat(report.getOrDefault("curl.requests", 0L)).isEqualTo(curls);
    assertThat(report.get("inside.connections")).isGreaterThanOrEqualTo(Load.THREADS);
    assertThat(report)
        .containsEntry("ringConnections", report.get("inside.connections"))
        .containsEntry("ringAccepted", report.get("inside.connections"));
    assertThat(report.get("ringBytes")).isGreaterThan(2 * bytes("inside"));
    assertThat(report.get("kernelAccepted"))
        .isEqualTo(report.get("outside.connections") + report.getOrDefault("curl.connections", 0L));
  }

  private static long bytes(String from) {
    long sum = 0;
    for (int thread = 0; thread < Load.THREADS; thread++) {
      for (int i = 0; i < Load.REQUESTS; i++) {
        sum += Load.body(from, thread, i).length;
      }
    }
    return sum;
  }
}
