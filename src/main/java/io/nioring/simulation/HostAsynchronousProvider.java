package io.nioring.simulation;

import java.io.IOException;
import java.nio.channels.AsynchronousChannelGroup;
import java.nio.channels.AsynchronousServerSocketChannel;
import java.nio.channels.AsynchronousSocketChannel;
import java.nio.channels.spi.AsynchronousChannelProvider;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ThreadFactory;

/** Opens a network's asynchronous channels and groups as a part of a host. */
final class HostAsynchronousProvider extends AsynchronousChannelProvider {
  /** What opens something. */
  private interface Opening<T> {
    T open() throws IOException;
  }

  private final RingHost host;
  private final AsynchronousChannelProvider network;

  HostAsynchronousProvider(RingHost host, AsynchronousChannelProvider network) {
    this.host = host;
    this.network = network;
  }

  @Override
  public AsynchronousChannelGroup openAsynchronousChannelGroup(int nThreads, ThreadFactory factory)
      throws IOException {
    return open(() -> network.openAsynchronousChannelGroup(nThreads, factory));
  }

  @Override
  public AsynchronousChannelGroup openAsynchronousChannelGroup(
      ExecutorService executor, int initialSize) throws IOException {
    return open(() -> network.openAsynchronousChannelGroup(executor, initialSize));
  }

  @Override
  public AsynchronousServerSocketChannel openAsynchronousServerSocketChannel(
      AsynchronousChannelGroup group) throws IOException {
    return open(() -> network.openAsynchronousServerSocketChannel(group));
  }

  @Override
  public AsynchronousSocketChannel openAsynchronousSocketChannel(AsynchronousChannelGroup group)
      throws IOException {
    return open(() -> network.openAsynchronousSocketChannel(group));
  }

  private <T> T open(Opening<T> opening) throws IOException {
    try {
      return host.call(opening::open);
    } catch (IOException | RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new AssertionError(e); // an opening throws no other
    }
  }
}
