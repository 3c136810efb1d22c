package io.nioring.demo;

import java.net.http.HttpClient;
import java.nio.channels.spi.SelectorProvider;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The programs that one virtual machine of the main job runs, on whatever provider it was started
 * with: {@code Workload <file for the report>}.
 *
 * <p>The first pass warms up, and the kernel's sockets are counted all through it. In the passes
 * after it they are counted when the clock has stopped and everything is still connected.
 */
public final class Workload {
  private static final int TIMED_PASSES = 3;

  private Workload() {}

  /**
   * Runs the programs and writes the report.
   *
   * @param args the file for the report
   * @throws Exception if anything was not served as it should be
   */
  public static void main(String[] args) throws Exception {
    HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    KernelSockets kernelSockets = new KernelSockets();
    Thread counting = kernelSockets.startCounting();
    HttpWork.getSmall(client, kernelSockets);
    HttpWork.postBodies(client, kernelSockets);
    EchoWork.run(kernelSockets);
    counting.interrupt();
    counting.join();

    List<Work> gets = new ArrayList<>();
    List<Work> posts = new ArrayList<>();
    List<Work> echo = new ArrayList<>();
    for (int pass = 0; pass < TIMED_PASSES; pass++) {
      gets.add(HttpWork.getSmall(client, kernelSockets));
      posts.add(HttpWork.postBodies(client, kernelSockets));
      echo.add(EchoWork.run(kernelSockets));
    }
    new Report(
            Work.median(gets),
            Work.median(posts),
            Work.median(echo),
            kernelSockets.highest(),
            ringTraffic())
        .write(Path.of(args[0]));
  }

  private static RingTraffic ringTraffic() {
    String provider = SelectorProvider.provider().getClass().getName();
    return provider.startsWith("io.nioring.") ? RingReport.read() : RingTraffic.NONE;
  }
}
