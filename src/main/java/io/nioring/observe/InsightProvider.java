package io.nioring.observe;

import io.nioring.RingNetwork;
import io.nioring.internal.network.ChannelRegistry;
import io.nioring.internal.network.Insight;
import io.nioring.internal.stream.Wire;
import java.io.Closeable;
import java.io.IOException;
import java.lang.ref.WeakReference;
import java.nio.file.Path;

/** The service by which a network finds this package. */
@SuppressWarnings("exports") // public for the service loader alone
public final class InsightProvider implements Insight {
  /** Called by the service loader. */
  public InsightProvider() {}

  @Override
  public Runnable recordEvents(
      Wire wire, ChannelRegistry registry, WeakReference<?> network, boolean jdkNames) {
    return JfrRecording.start(wire, registry, network, jdkNames);
  }

  @Override
  public AutoCloseable registerMXBean(Object network, String name) {
    return NetworkMXBean.register((RingNetwork) network, name);
  }

  @Override
  public Closeable startCapture(Object network, String words) throws IOException {
    CaptureWords asked = CaptureWords.parse(words);
    return Capture.start((RingNetwork) network, asked.file(), asked.options());
  }

  @Override
  public void checkCapture(Object network, String words) {
    Capture.check((RingNetwork) network, CaptureWords.parse(words).options());
  }

  @Override
  public Closeable startCapture(Object network, Path file) throws IOException {
    return Capture.start((RingNetwork) network, file);
  }
}
