package io.nioring.consumer;

import java.io.IOException;
import java.net.ProtocolFamily;
import java.nio.channels.DatagramChannel;
import java.nio.channels.Pipe;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.channels.spi.AbstractSelector;
import java.nio.channels.spi.SelectorProvider;

/**
 * The JVM's provider: that of the simulation which runs, for programs that ask {@link
 * SelectorProvider#provider()}. What they open belongs to the host of their thread.
 */
public final class CurrentNetwork extends SelectorProvider {
  private static volatile SelectorProvider current;

  /** Made by the JDK for the flag. */
  public CurrentNetwork() {}

  /**
   * Makes a provider the JVM's, until the next one is.
   *
   * @param provider that of a simulation's network
   */
  public static void become(SelectorProvider provider) {
    current = provider;
  }

  private static SelectorProvider current() {
    SelectorProvider provider = current;
    if (provider == null) {
      throw new IllegalStateException("no simulation runs");
    }
    return provider;
  }

  @Override
  public DatagramChannel openDatagramChannel() throws IOException {
    return current().openDatagramChannel();
  }

  @Override
  public DatagramChannel openDatagramChannel(ProtocolFamily family) throws IOException {
    return current().openDatagramChannel(family);
  }

  @Override
  public Pipe openPipe() throws IOException {
    return current().openPipe();
  }

  @Override
  public AbstractSelector openSelector() throws IOException {
    return current().openSelector();
  }

  @Override
  public ServerSocketChannel openServerSocketChannel() throws IOException {
    return current().openServerSocketChannel();
  }

  @Override
  public SocketChannel openSocketChannel() throws IOException {
    return current().openSocketChannel();
  }
}
