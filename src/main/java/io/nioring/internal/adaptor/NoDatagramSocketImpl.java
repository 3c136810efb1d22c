package io.nioring.internal.adaptor;

import java.net.DatagramPacket;
import java.net.DatagramSocketImpl;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketAddress;

/**
 * The implementation that {@link java.net.DatagramSocket}'s constructor requires; the adaptor never
 * uses it, so nothing is opened in the kernel.
 */
final class NoDatagramSocketImpl extends DatagramSocketImpl {
  private static UnsupportedOperationException unused() {
    return new UnsupportedOperationException("an adaptor works through its channel");
  }

  @Override
  protected void create() {
    throw unused();
  }

  @Override
  protected void bind(int port, InetAddress local) {
    throw unused();
  }

  @Override
  protected void send(DatagramPacket packet) {
    throw unused();
  }

  @Override
  protected int peek(InetAddress source) {
    throw unused();
  }

  @Override
  protected int peekData(DatagramPacket packet) {
    throw unused();
  }

  @Override
  protected void receive(DatagramPacket packet) {
    throw unused();
  }

  @Override
  @Deprecated
  protected void setTTL(byte ttl) {
    throw unused();
  }

  @Override
  @Deprecated
  protected byte getTTL() {
    throw unused();
  }

  @Override
  protected void setTimeToLive(int ttl) {
    throw unused();
  }

  @Override
  protected int getTimeToLive() {
    throw unused();
  }

  @Override
  protected void join(InetAddress group) {
    throw unused();
  }

  @Override
  protected void leave(InetAddress group) {
    throw unused();
  }

  @Override
  protected void joinGroup(SocketAddress group, NetworkInterface networkInterface) {
    throw unused();
  }

  @Override
  protected void leaveGroup(SocketAddress group, NetworkInterface networkInterface) {
    throw unused();
  }

  @Override
  protected void close() {
    throw unused();
  }

  @Override
  public void setOption(int id, Object value) {
    throw unused();
  }

  @Override
  public Object getOption(int id) {
    throw unused();
  }
}
