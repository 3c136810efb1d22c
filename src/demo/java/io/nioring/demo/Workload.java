package io.nioring.demo;

import java.net.http.HttpClient;
import java.nio.channels.spi.SelectorProvider;
import java.nio.file.Path;

/**
 * The programs that one virtual machine of the main job runs, on whatever provider it was started
 * with: {@code Workload <file for the report>}.
 *
 * <p>In a first pass the kernel's sockets are counted all through it. In the passes after it, which
 * warm up and are then {@linkplain Measurement measured}, they are counted when the clock has
 * stopped and everything is still connected.
 */
public final class Workload {
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

    new Report(
            Measurement.of(() -> HttpWork.getSmall(client, kernelSockets)),
            Measurement.of(() -> HttpWork.postBodies(client, kernelSockets)),
            Measurement.of(() -> EchoWork.run(kernelSockets)),
            kernelSockets.highest(),
            ringTraffic())
        .write(Path.of(args[0]));
  }

  private static RingTraffic ringTraffic() {
    String provider = SelectorProvider.provider().getClass().getName();
    return provider.startsWith("io.nioring.") ? RingReport.read() : RingTraffic.NONE;
  }
}
