package io.nioring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.File;
import java.io.IOException;
import java.lang.ref.WeakReference;
import java.net.InetSocketAddress;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousChannelGroup;
import java.nio.channels.AsynchronousServerSocketChannel;
import java.nio.channels.AsynchronousSocketChannel;
import java.nio.channels.CompletionHandler;
import java.nio.channels.spi.AsynchronousChannelProvider;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** That an application which brings the library along is unloaded with it. */
class DroppedLibraryTest {
  private static final Duration WAIT = Duration.ofSeconds(60);
  private static final InetSocketAddress SERVER = new InetSocketAddress("10.1.2.3", 80);

  /** The calling thread goes on, and has begun an operation that told a handler. */
  @Test
  void threadThatUsedAsynchronousChannelsKeepsNoClassOfTheLibrary() throws Exception {
    WeakReference<ClassLoader> library = useLibrary();
    await()
        .atMost(WAIT)
        .until(
            () -> {
              System.gc();
              return library.get() == null;
            });
  }

  private static WeakReference<ClassLoader> useLibrary() throws Exception {
    try (URLClassLoader library =
        new URLClassLoader(classPath(), ClassLoader.getPlatformClassLoader())) {
      Class<?> type = library.loadClass(RingNetwork.class.getName());
      assertThat(type.getClassLoader()).isSameAs(library);
      try (AutoCloseable network = (AutoCloseable) type.getMethod("open").invoke(null)) {
        exchange(
            (AsynchronousChannelProvider) type.getMethod("asynchronousProvider").invoke(network));
      }
      return new WeakReference<>(library);
    }
  }

  private static URL[] classPath() throws IOException {
    String[] entries = System.getProperty("java.class.path").split(File.pathSeparator, -1);
    URL[] urls = new URL[entries.length];
    for (int i = 0; i < entries.length; i++) {
      urls[i] = Path.of(entries[i]).toUri().toURL();
    }
    return urls;
  }

  private static void exchange(AsynchronousChannelProvider provider) throws Exception {
    ExecutorService threads = Executors.newSingleThreadExecutor();
    AsynchronousChannelGroup group = provider.openAsynchronousChannelGroup(threads, 0);
    AsynchronousServerSocketChannel server = provider.openAsynchronousServerSocketChannel(group);
    AsynchronousSocketChannel client = provider.openAsynchronousSocketChannel(group);
    Future<AsynchronousSocketChannel> accepted = server.bind(SERVER).accept();
    client.connect(SERVER).get();
    CompletableFuture<Integer> written = new CompletableFuture<>();
    client.write(ByteBuffer.allocate(5), null, tells(written));
    assertThat(written.get(WAIT.toSeconds(), TimeUnit.SECONDS)).isEqualTo(5);
    accepted.get().close();
    group.shutdownNow();
    assertThat(group.awaitTermination(WAIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
    threads.shutdown();
    assertThat(threads.awaitTermination(WAIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
  }

  private static CompletionHandler<Integer, Void> tells(CompletableFuture<Integer> future) {
    return new CompletionHandler<>() {
      @Override
      public void completed(Integer count, Void attachment) {
        future.complete(count);
      }

      @Override
      public void failed(Throwable cause, Void attachment) {
        future.completeExceptionally(cause);
      }
    };
  }
}
