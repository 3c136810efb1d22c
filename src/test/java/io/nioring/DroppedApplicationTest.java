package io.nioring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.ref.WeakReference;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** That an application whose thread was the first on a network can be unloaded. */
class DroppedApplicationTest {
  private static final Duration WAIT = Duration.ofSeconds(60);

  private static final InheritableThreadLocal<Object> INHERITABLE = new InheritableThreadLocal<>();

  /** The application, defined by a class loader of its own. */
  public static final class Application implements Consumer<RingNetwork> {
    @Override
    public void accept(RingNetwork network) {
      try (SocketPair pair = network.socketPair()) {
        pair.first().write(ByteBuffer.allocate(10));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  /** Defines the application anew. */
  private static final class ApplicationLoader extends ClassLoader {
    ApplicationLoader() {
      super(ApplicationLoader.class.getClassLoader());
    }

    Class<?> application() throws IOException {
      String name = Application.class.getName();
      try (InputStream in = getResourceAsStream(name.replace('.', '/') + ".class")) {
        byte[] bytes = in.readAllBytes();
        return defineClass(name, bytes, 0, bytes.length);
      }
    }
  }

  @Test
  void housekeepingKeepsNothingOfTheThreadThatStartedIt() throws Exception {
    try (RingNetwork network = RingNetwork.open()) {
      WeakReference<ClassLoader> application = runApplication(network);
      try (SocketChannel other = network.provider().openSocketChannel()) {
        assertThat(other.isOpen()).isTrue();
        assertThat(Thread.getAllStackTraces().keySet())
            .anyMatch(thread -> thread.getName().equals("nioring-housekeeping"));
        await()
            .atMost(WAIT)
            .until(
                () -> {
                  System.gc();
                  return application.get() == null;
                });
      }
    }
  }

  @SuppressWarnings("unchecked")
  private static WeakReference<ClassLoader> runApplication(RingNetwork network) throws Exception {
    ApplicationLoader loader = new ApplicationLoader();
    Consumer<RingNetwork> application =
        (Consumer<RingNetwork>) loader.application().getConstructor().newInstance();
    Thread thread =
        new Thread(
            () -> {
              INHERITABLE.set(application);
              application.accept(network);
              INHERITABLE.remove();
            },
            "application");
    thread.setContextClassLoader(loader);
    thread.start();
    thread.join(WAIT.toMillis());
    assertThat(thread.isAlive()).isFalse();
    return new WeakReference<>(loader);
  }
}
