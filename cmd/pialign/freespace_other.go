//go:build !linux && !darwin && !windows

package main

import "errors"

var errFull = errors.New("the disk is full") // as nothing says it here

var errOtherDisk = errors.New("another disk") // likewise

func freeSpace(string) (uint64, error) { return 0, errors.ErrUnsupported }

func diskOf(string) (any, error) { return nil, errors.ErrUnsupported }
